"""Addresses that lead to papers of arXiv, and those that only look it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.links import parse_link


@pytest.mark.parametrize(
    ("url", "arxiv_id"),
    [
        ("https://arxiv.org/abs/2104.04767", "2104.04767"),
        ("http://arxiv.org/abs/0704.0001v2", "0704.0001"),
        ("https://www.arxiv.org/pdf/2104.04767v3.pdf#page=5", "2104.04767"),
        ("https://ARXIV.org/pdf/2104.04767", "2104.04767"),
        ("https://arxiv.org:443/abs/2104.04767/?utm_source=x", "2104.04767"),
        ("https://arxiv.org/html/2401.12345v1/extracted/53/figure.png", "2401.12345"),
        ("https://arxiv.org/html/2401.12345v2#S3", "2401.12345"),
        ("https://export.arxiv.org/abs/math/0309136", "math/0309136"),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math/0309136"),
        ("http://arxiv.org/PS_cache/hep-th/pdf/9901/9901001v1.pdf", "hep-th/9901001"),
        ("http://arxiv.org/ftp/arxiv/papers/1206/1206.3255.pdf", "1206.3255"),
        ("http://arxiv.org/ftp/cs/papers/0603/0603084.pdf", "cs/0603084"),
        ("http://xxx.lanl.gov/abs/Hep-Th/9901001", "hep-th/9901001"),
        ("http://de.arxiv.org/ps/quant-ph/0205142", "quant-ph/0205142"),
        ("https://arxiv.org/pdf/hep-th%2F9901001", "hep-th/9901001"),
        ("https://arxiv.org/e-print/2104.04767", "2104.04767"),
        (" https://arxiv.org/abs/2104.04767) ", "2104.04767"),
        ("https://arxiv.org/abs/2104.04767…", "2104.04767"),
        ("https://arxiv.org/pdf/2104.04767v2.pdf…", "2104.04767"),
        ("https://www.alphaxiv.org/abs/2104.04767…", "2104.04767"),
        ("https://doi.org/10.48550/arXiv.2104.04767).", "2104.04767"),
        ("https://huggingface.co/papers/2104.04767%29", "2104.04767"),
        ("https://www.alphaxiv.org/abs/2104.04767v1", "2104.04767"),
        ("https://ar5iv.labs.arxiv.org/html/2104.04767", "2104.04767"),
        ("https://huggingface.co/papers/2104.04767", "2104.04767"),
        ("https://doi.org/10.48550/arXiv.2104.04767", "2104.04767"),
    ],
)
def test_a_paper(url: str, arxiv_id: str) -> None:
    """Every form in which arXiv's papers have been linked to is recognised."""
    assert parse_link(url) == arxiv_id


@pytest.mark.parametrize(
    "url",
    [
        "",
        "2104.04767",
        "arXiv:2104.04767",
        "arxiv.org/abs/2104.04767",
        "ftp://arxiv.org/abs/2104.04767",
        "https://arxiv.org/",
        "https://arxiv.org/list/cs.LG/2104.04767",
        "https://arxiv.org/abs/2104.047671",
        "https://arxiv.org/abs/2113.04767",
        "https://arxiv.org/a/someone_1",
        "https://info.arxiv.org/help/2104.04767",
        "https://blog.arxiv.org/abs/2104.04767",
        "https://notarxiv.org/abs/2104.04767",
        "https://arxiv.org.example.com/abs/2104.04767",
        "https://arxiv.org@example.com/abs/2104.04767",
        "https://example.com\\@arxiv.org/abs/2104.04767",
        "https://example.com/arxiv.org/abs/2104.04767",
        "https://example.com/?u=https://arxiv.org/abs/2104.04767",
        "https://notalphaxiv.org/abs/2104.04767",
        "https://www.alphaxiv.org/explore",
        "https:www.alphaxiv.org/abs/2104.04767",
        "https://www.alphaxiv.org@example.com/abs/2104.04767",
        "https://huggingface.co/papers/date/2024-05-27",
        "https://doi.org/10.1000/2104.04767",
        "http://[::1/abs/2104.04767",
    ],
)
def test_no_paper(url: str) -> None:
    """An address that is not of arXiv, or not of one paper, leads to none, however much it looks like it."""
    assert parse_link(url) is None


@given(st.text() | st.text(alphabet="htps:/arxiv.obdf2104[]@\\%?#").map("https://arxiv.org/abs/{}".format))
def test_any_text(url: str) -> None:
    """No text makes it fail."""
    parse_link(url)
