"""Papers as BibTeX: entries that a reader of BibTeX finds whole, whatever titles and names hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.bibtex import find_year, format_bibtex
from storage.models import Paper

_ENTRY = re.compile(r"@misc\{([a-z0-9-]+),\n")
_FIELD = re.compile(r"  ([A-Za-z]+) = \{")


def make_paper(
    title: str = "On testing", authors: tuple[str, ...] = ("Ada Lovelace",), arxiv_id: str = "2104.00001"
) -> Paper:
    """Return a paper."""
    return Paper(arxiv_id, 1, title, authors, ("cs.LG", "stat"), "We test.")


def read_bibtex(text: str) -> dict[str, dict[str, str]]:
    """Read entries strictly, counting braces as BibTeX does, which knows no backslash; fail on anything else."""
    found: dict[str, dict[str, str]] = {}
    at = 0
    while at < len(text):
        entry = _ENTRY.match(text, at)
        assert entry, text[at : at + 80]
        at, fields = entry.end(), {}
        while field := _FIELD.match(text, at):
            start = at = field.end()
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            assert text.startswith(",\n", at)
            fields[field[1]] = text[start : at - 1]
            at += 2
        assert text.startswith("}\n", at)
        assert entry[1] not in found
        found[entry[1]] = fields
        at += 2 + text.startswith("\n", at + 2)
    return found


def read_one(paper: Paper) -> dict[str, str]:
    """Return the fields of the one entry that a paper makes."""
    ((_, fields),) = read_bibtex(format_bibtex([paper])).items()
    return fields


def test_an_entry_has_what_citing_a_preprint_needs() -> None:
    """Title, authors, year, the arXiv id in its own fields, the address; under a key one can type."""
    text = format_bibtex([make_paper(authors=("Ada Lovelace", "Grace Hopper"))])
    assert read_bibtex(text) == {
        "lovelace2021testing": {
            "title": "On testing",
            "author": "Ada Lovelace and Grace Hopper",
            "year": "2021",
            "eprint": "2104.00001",
            "archivePrefix": "arXiv",
            "primaryClass": "cs.LG",
            "url": "https://arxiv.org/abs/2104.00001",
        }
    }


@pytest.mark.parametrize(
    ("arxiv_id", "year"),
    [
        ("2104.00001", 2021),
        ("0704.0001", 2007),
        ("hep-th/9108001", 1991),
        ("math/0309136", 2003),
        ("math.GT/0309136", 2003),
        ("nonsense", None),
    ],
)
def test_the_year_is_in_the_id(arxiv_id: str, year: int | None) -> None:
    """arXiv's ids begin with the year, before 2007 too; what is none of arXiv's has none."""
    assert find_year(arxiv_id) == year
    assert read_one(make_paper(arxiv_id=arxiv_id)).get("year") == (str(year) if year else None)


def test_keys_are_unique_and_plain() -> None:
    """The same author, year and word count up; accents are dropped, other scripts left out, nothing is needed."""
    papers = [
        make_paper(),
        make_paper(arxiv_id="2104.00002"),
        make_paper(arxiv_id="2104.00003"),
        make_paper("Über Maße", ("Kurt Gödel",)),
        make_paper("深層学習", ("李白",)),
        make_paper("", ()),
        make_paper(r"The $\alpha$ of {\'E}tudes", (r"Paul Erd\H{o}s",)),
    ]
    keys = list(read_bibtex(format_bibtex(papers)))
    assert keys[:4] == ["lovelace2021testing", "lovelace2021testing-2", "lovelace2021testing-3", "godel2021uber"]
    assert keys[4:] == ["arxiv2021", "arxiv2021-2", "erdos2021etudes"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (r"Sorting in $\mathcal{O}(n^2)$ and {\'E}tudes", r"Sorting in $\mathcal{O}(n^2)$ and {\'E}tudes"),
        (r"A \textbf{bold} \& plain title", r"A \textbf{bold} \& plain title"),
        ("R&D at 50% of #1 in my_file", r"R\&D at 50\% of \#1 in my\_file"),
        ("Precision@k", "Precision@k"),
        ("Déjà vu: 深層学習", "Déjà vu: 深層学習"),
        ("Two\n  lines", "Two lines"),
        ("", "arXiv 2104.00001"),
    ],
)
def test_a_title_keeps_its_latex_and_escapes_the_rest(title: str, shown: str) -> None:
    """Formulas and type stay as they are, what LaTeX would misread is escaped, letters stay letters."""
    assert read_one(make_paper(title))["title"] == shown


@pytest.mark.parametrize(
    "title",
    [
        "Evil} @misc{x, title={y",
        "}}}}",
        "{{{{",
        "}{",
        "a\n}\n@book{z,\n title={q}}",
        "ends with \\",
        "one $ dollar",
        r"\{ and \}}",
        r"\input{/etc/passwd}",
        r"\immediate\write18{rm x}",
        r"\def\a{b}\a",
        "^^5cinput{x}",
        r"$\csname input\endcsname{x}$",
        r"\\newline",
    ],
)
def test_a_title_cannot_leave_its_field_nor_run_anything(title: str) -> None:
    """Unbalanced or commanding titles are written as text: one entry comes back, without any command but escapes."""
    shown = read_one(make_paper(title))["title"]
    assert set(re.findall(r"\\([A-Za-z]+)", shown)) <= {"textasciicircum", "textasciitilde", "textbackslash"}
    assert "^^" not in shown


def test_names_are_kept_apart() -> None:
    """A name with a comma, an "and" or a brace in it stays one name, and thousands of them end in "others"."""
    names = ("ATLAS and CMS", "Erdős, P.", r"Kurt G{\"o}del", "}{", "A\nB", "", "others")
    shown = read_one(make_paper(authors=names))["author"]
    assert shown == "{ATLAS and CMS} and {Erdős, P.} and Kurt Gödel and )( and A B and {others}"
    many = read_one(make_paper(authors=tuple(f"Author {number}" for number in range(3000))))["author"]
    assert many.count(" and ") == 100
    assert many.endswith(" and others")


@given(st.lists(st.tuples(st.text(), st.lists(st.text(), max_size=3), st.text()), max_size=5))
def test_any_papers_make_that_many_entries(values: list[tuple[str, list[str], str]]) -> None:
    """Whatever the texts, the file has one whole entry for each paper and can be written as UTF-8."""
    text = format_bibtex([make_paper(title, tuple(names), arxiv_id) for title, names, arxiv_id in values])
    assert len(read_bibtex(text)) == len(values)
    assert text.encode().decode() == text


@given(st.text(alphabet="{}\\$@^^_%&#abi \n\"',~", max_size=40))
def test_no_arrangement_of_signs_ends_a_field(text: str) -> None:
    """Signs that mean something to BibTeX or LaTeX, in any order, make one entry with all its fields."""
    fields = read_one(make_paper(text, (text, text)))
    assert fields["eprint"] == "2104.00001"
