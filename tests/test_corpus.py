"""The made-up corpus that benchmarks run on: the same every time, and as large as asked."""

from __future__ import annotations

from itertools import islice

from benchmarks.corpus import Corpus


def test_the_same_seed_makes_the_same_papers() -> None:
    """Figures can be compared between runs, since a seed fixes every field; another seed changes them."""
    first, again, other = (list(islice(Corpus(seed).editions(60, per_day=20), 2)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_there_are_as_many_papers_as_asked_and_some_return() -> None:
    """A stream has the papers asked for, ranked by score without gaps, and a few come back on the next day."""
    editions = list(Corpus(1).editions(90, per_day=20))
    ids = [a.paper.arxiv_id for edition in editions for a in edition.papers]
    assert (len(editions), len(set(ids)), len(ids)) == (5, 90, 94)
    for edition in editions:
        assert [a.rank for a in edition.papers] == list(range(1, len(edition.papers) + 1))
        assert [a.score for a in edition.papers] == sorted((a.score for a in edition.papers), reverse=True)
