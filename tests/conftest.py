"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts beside the checkout; a test that needs it is skipped where it is absent."""
    if not (CORPUS / "posts").is_dir():
        pytest.skip("the corpus of real posts is not beside this checkout")
    return CORPUS
