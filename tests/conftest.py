"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.builders import INDEX, find_damage

CORPUS = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts beside the checkout; a test that needs it is skipped where it is absent."""
    if not (CORPUS / "posts").is_dir():
        pytest.skip("the corpus of real posts is not beside this checkout")
    return CORPUS


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in a file of its own; whatever a test did to it, nothing in it may be damaged."""
    async with await Store.open(tmp_path / "papers.db", INDEX) as opened:
        yield opened
    assert find_damage(tmp_path / "papers.db") == []
