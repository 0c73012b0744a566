"""Lines of authors, told apart into names, and notices of withdrawal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.authors import clean_author, split_authors
from bot.digest.withdrawal import is_withdrawn


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Example, Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Ada Example (CERN, Geneva), Bo Sample (1 and 2)", ["Ada Example", "Bo Sample"]),
        ("Ada Example (Univ. (Dept. of X, Y), Z), Bo", ["Ada Example", "Bo"]),
        ("Ada Example (never closed, Bo Sample, Cy", ["Ada Example", "Bo Sample", "Cy"]),
        ("Ada Example), Bo", ["Ada Example", "Bo"]),
        ("Ada Example and Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Ada Example, Bo Sample, and Cy Third", ["Ada Example", "Bo Sample", "Cy Third"]),
        ("Ada Example & Bo Sample", ["Ada Example", "Bo Sample"]),
        ("J. Doe, Jr., K. Roe III, L. Poe, Sr", ["J. Doe Jr.", "K. Roe III", "L. Poe Sr"]),
        ("A. A. Abdumalikov Jr., E. Thuneberg", ["A. A. Abdumalikov Jr.", "E. Thuneberg"]),
        (" HESS Collaboration, A. One", ["HESS Collaboration", "A. One"]),
        ("The LHCb Collaboration: R. One, B. Two", ["The LHCb Collaboration", "R. One", "B. Two"]),
        ("Belle and BaBar Collaborations, A. One", ["Belle and BaBar Collaborations", "A. One"]),
        ("Ada Example, et al.", ["Ada Example"]),
        ('K. Bernl\\"ohr, S{\\o}ren K., J.\\,P. Doe', ['K. Bernl\\"ohr', "S{\\o}ren K.", "J. P. Doe"]),
        ("Anders And, Sandy Brand", ["Anders And", "Sandy Brand"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_a_line_of_authors_is_told_apart(line: str, names: list[str]) -> None:
    """Affiliations, "and", suffixes and collaborations are read as people mean them; TeX stays as printed."""
    assert list(split_authors(line)) == names


@given(st.text(alphabet="ab,() \\{}&;:and.", max_size=60))
def test_names_survive_being_joined_again(line: str) -> None:
    """Whatever the line, names have no comma and are the same when a post's line of them is read."""
    names = split_authors(line)
    assert all(name and name == name.strip() for name in names)
    assert [part.strip() for part in ", ".join(names).split(",") if part.strip()] == list(names)


def test_a_single_name_loses_its_comma() -> None:
    """The API's names are told apart already; a comma in one would tear it in a post."""
    assert clean_author("Doe, Jr.  (CERN)") == "Doe Jr."


@pytest.mark.parametrize(
    ("abstract", "comment"),
    [
        ("This paper has been withdrawn by the author due to an error.", ""),
        ("This paper and abstract have been withdrawn.", ""),
        ("The submission has been temporarily withdrawn.", ""),
        ("Withdrawn", ""),
        ("Paper withdrawn", ""),
        ("We withdraw this paper because of a gap in the proof.", ""),
        ("A proof of everything.", "This paper has been withdrawn by the author"),
        ("A proof of everything.", "12 pages. Withdrawn, see Lemma 3"),
        ("A proof of everything.", "This submission has been withdrawn by arXiv administrators"),
    ],
)
def test_withdrawn_papers_are_recognised(abstract: str, comment: str) -> None:
    """The usual notices count, in either place."""
    assert is_withdrawn(abstract, comment)


@pytest.mark.parametrize(
    ("abstract", "comment"),
    [
        ("We study drugs that were withdrawn from the market.", ""),
        ("Fluid is withdrawn from a tank. This paper has a model.", ""),
        ("A proof.", "An earlier version was withdrawn; this is a new proof"),
        ("A proof.", "v1 was withdrawn"),
        ("A proof.", "Replaces withdrawn arXiv:1234.5678"),
        ("A proof.", "12 pages"),
        ("", ""),
    ],
)
def test_other_papers_are_not_withdrawn(abstract: str, comment: str) -> None:
    """Papers about what was withdrawn, and new attempts at what was, stay."""
    assert not is_withdrawn(abstract, comment)
