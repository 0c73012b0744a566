"""arXiv's subjects: every id and name, what people call them, what is offered while they type."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.taxonomy import (
    ARCHIVES,
    CATEGORIES,
    find_categories,
    find_topics,
    parse_category,
    render_category,
)
from bot.digest.taxonomy_table import ALIASES, EVERYDAY_WORDS, FORMER_ARCHIVES, MOST_USED
from bot.errors import UserError


@pytest.fixture(scope="session")
def taxonomy(shared: Path) -> dict[str, Any]:
    path = shared / "taxonomy.json"
    if not path.is_file():
        pytest.skip("arXiv's taxonomy is not beside this checkout")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def find_ids(text: str, limit: int = 25) -> list[str]:
    return [category.id for category in find_categories(text, limit)]


def refuse(text: str) -> str:
    with pytest.raises(UserError) as refusal:
        parse_category(text)
    return str(refusal.value)


def test_table_is_complete(taxonomy: dict[str, Any]) -> None:
    """Every category arXiv has or had is known, and leads to the id that arXiv calls the real one."""
    for id, facts in taxonomy["categories"].items():
        assert parse_category(id) == facts["canonical"], id


def test_table_invents_nothing(taxonomy: dict[str, Any]) -> None:
    """No id is known here that arXiv does not have."""
    known = {*CATEGORIES, *ARCHIVES, *ALIASES, *FORMER_ARCHIVES}
    assert known == {*taxonomy["categories"], *taxonomy["archives"]}


def test_names_are_arxivs(taxonomy: dict[str, Any]) -> None:
    """Names are arXiv's own, for real ids, second ids, archives and former archives."""
    names = {id: category.name for id, category in {**ARCHIVES, **CATEGORIES}.items()}
    names |= {id: name for id, (name, _) in {**ALIASES, **FORMER_ARCHIVES}.items()}
    for id, facts in {**taxonomy["archives"], **taxonomy["categories"]}.items():
        assert names[id] == facts["name"], id


def test_second_ids_and_former_archives(taxonomy: dict[str, Any]) -> None:
    """Second ids and former archives lead where arXiv says."""
    assert {id: real for id, (_, real) in ALIASES.items()} == taxonomy["category_aliases"]
    assert {id: heir for id, (_, heir) in FORMER_ARCHIVES.items()} == taxonomy["archives_subsumed"]


def test_corpus_categories_are_known(taxonomy: dict[str, Any], shared: Path) -> None:
    """Every category a real post ever printed is a real id here: the 116 counted, and those in the posts."""
    printed = set(taxonomy["corpus_check"]["counts"])
    assert len(printed) == 116
    for post in (shared / "posts").rglob("*.md"):
        if post.parent.name != "garbled":
            printed |= set(re.findall(r"arxiv\.org/list/([^/)]+)/recent\)", post.read_text(encoding="utf-8")))
    assert printed <= set(CATEGORIES)


def test_most_used_is_in_order(taxonomy: dict[str, Any]) -> None:
    """The most used categories come in the order of their papers in the posts."""
    counts = taxonomy["corpus_check"]["counts"]
    assert list(MOST_USED) == sorted(counts, key=counts.get, reverse=True)[: len(MOST_USED)]


def test_every_word_leads_to_something_known() -> None:
    """Everyday words are in lower case and lead only to real categories or archives."""
    for word, ids in EVERYDAY_WORDS.items():
        assert word == word.casefold()
        assert all(id in CATEGORIES or id in ARCHIVES for id in ids), word
        assert find_ids(word)[0] in ids, word


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("cs.CV", "cs.CV"),
        ("CS.cv", "cs.CV"),
        (" cs.CV\n", "cs.CV"),
        ("cs.SY", "eess.SY"),
        ("CS.NA", "math.NA"),
        ("math.IT", "cs.IT"),
        ("math.MP", "math-ph"),
        ("stat.TH", "math.ST"),
        ("q-fin.EC", "econ.GN"),
        ("cmp-lg", "cs.CL"),
        ("dg-ga", "math.DG"),
        ("cs", "cs"),
        ("STAT", "stat"),
        ("physics", "physics"),
        ("math", "math"),
        ("cond-mat", "cond-mat"),
        ("quant-ph", "quant-ph"),
        ("computer vision and pattern recognition", "cs.CV"),
        ("Machine   Learning", "cs.LG"),
        ("computer science", "cs"),
        ("all of Computer Science", "cs"),
        ("cs — all of Computer Science", "cs"),
        ("cs.CV — Computer Vision and Pattern Recognition", "cs.CV"),
        ("Superconductivity", "cond-mat.supr-con"),
    ],
)
def test_parse_takes_what_people_write(text: str, id: str) -> None:
    """Ids in any case, second ids, old and new archives, names and labels all lead to the real id."""
    assert parse_category(text) == id


def test_parse_reads_every_label_and_name() -> None:
    """What completion shows can be sent back as it is, and so can every real id in capitals."""
    for category in find_categories("", limit=1000):
        assert parse_category(category.label) == category.id
        assert parse_category(category.id.upper()) == category.id


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("cs.CZ", "cs.CV (Computer Vision and Pattern Recognition)"),
        ("cs.LGG", "cs.LG (Machine Learning)"),
        ("c.CL", "cs.CL (Computation and Language)"),
        ("nlp", "cs.CL (Computation and Language)"),
        ("computer visoin", "cs.CV (Computer Vision and Pattern Recognition)"),
        ("math.cv.1", "math.CV (Complex Variables)"),
        ("physics.foo", "physics (all of Physics)"),
    ],
)
def test_unknown_gets_the_nearest(text: str, suggestion: str) -> None:
    """An unknown category is refused with its nearest neighbours, the nearest first."""
    message = refuse(text)
    assert message.startswith(f'No arXiv category "{text}". Did you mean {suggestion}')
    assert message.endswith("?")


def test_unknown_with_no_neighbour_says_what_to_do() -> None:
    """Where nothing is near, the message shows the three ways to name a subject."""
    assert refuse("qwertz").endswith("such as cs.CV, a name such as Machine Learning, or an archive such as cs.")
    assert refuse(" ").startswith("That is not an arXiv category.")


@pytest.mark.parametrize(
    "text",
    ["@everyone", "<@&123>", "**x** `y`", "[a](https://evil.example)", "\u202egnp", "x" * 5000, "||s||\n# h"],
)
def test_refusal_quotes_safely(text: str) -> None:
    """A stranger's words are quoted without anything that could ping, link or format, and cut."""
    message = refuse(text)
    assert not set(message) & set("@<>*_`~|[]\\#\u202e\n")
    assert "://" not in message
    assert len(message) < 300


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """Any text is a real id or a refusal, never another error, and completion keeps to its limit."""
    assert len(find_categories(text, 5)) <= 5
    try:
        assert parse_category(text) in {*CATEGORIES, *ARCHIVES}
    except UserError as refusal:
        assert len(str(refusal)) < 300


@pytest.mark.parametrize(
    ("printed", "topics"),
    [
        (("cs.CV",), ("cs.CV", "cs")),
        (("cs.CV", "eess.IV", "cs.LG"), ("cs.CV", "eess.IV", "cs.LG", "cs", "eess")),
        (("cs.SY",), ("eess.SY", "eess", "cs")),
        (("eess.SY",), ("eess.SY", "eess", "cs")),
        (("eess.SY", "cs.SY"), ("eess.SY", "eess", "cs")),
        (("cs.NA",), ("math.NA", "math", "cs")),
        (("math.ST",), ("math.ST", "math", "stat")),
        (("CS.cv", " cs.CV"), ("cs.CV", "cs")),
        (("quant-ph",), ("quant-ph",)),
        (("math-ph",), ("math-ph", "math")),
        (("astro-ph",), ("astro-ph",)),
        (("cmp-lg",), ("cs.CL", "cs")),
        ((), ()),
    ],
)
def test_topics(printed: tuple[str, ...], topics: tuple[str, ...]) -> None:
    """A paper is found under its real categories and under each archive that lists them, each once."""
    assert find_topics(printed) == topics


def test_topics_keep_what_arxiv_does_not_know() -> None:
    """A category unknown here is kept, cleaned and cut; one that looks new counts for its archive."""
    assert find_topics(("68T07", "cs.QQ", "", " \x00 ")) == ("68T07", "cs.QQ", "cs")
    (long,) = find_topics(("a\x00\nb" + "c" * 500,))
    assert len(long) == 40
    assert long.startswith("a bccc")


def test_every_topic_can_be_asked_for() -> None:
    """Whatever a known category is filed under is itself something one can choose."""
    for category in CATEGORIES.values():
        assert all(parse_category(topic) == topic for topic in find_topics((category.id,)))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("vision", ["cs.CV"]),
        ("vis", ["cs.CV"]),
        ("computer v", ["cs.CV"]),
        ("ml", ["cs.LG", "stat.ML"]),
        ("machine learning", ["cs.LG", "stat.ML"]),
        ("ai", ["cs.AI"]),
        ("nlp", ["cs.CL"]),
        ("robot", ["cs.RO"]),
        ("crypto", ["cs.CR"]),
        ("quantum", ["quant-ph"]),
        ("brain", ["q-bio.NC"]),
        ("cs", ["cs", "cs.LG", "cs.CV"]),
        ("cs.c", ["cs.CV", "cs.CL"]),
        ("CV", ["cs.CV", "math.CV"]),
        ("math", ["math"]),
        ("cs.sy", ["eess.SY"]),
        ("cmp-lg", ["cs.CL"]),
        ("computer science", ["cs"]),
        ("economics", ["econ"]),
        ("visoin", ["cs.CV"]),
    ],
)
def test_completion(typed: str, first: list[str]) -> None:
    """What is offered first is what the typed letters, ids or everyday words mean."""
    assert find_ids(typed)[: len(first)] == first


def test_completion_of_nothing() -> None:
    """Before anything is typed the most used come first, then the whole archives, then all the rest by id."""
    offered = find_ids("", limit=1000)
    assert offered[:5] == ["cs.LG", "cs.CV", "cs.AI", "cs.CL", "stat.ML"]
    whole = [id for id in ARCHIVES if id not in CATEGORIES]
    assert offered[14:25] == whole
    assert offered[25:] == sorted(offered[25:])
    assert set(offered) == {*CATEGORIES, *ARCHIVES}
    assert len(offered) == len(set(offered))


def test_labels_fit_a_choice_and_mark_archives() -> None:
    """Every label fits Discord's 100 characters for a choice; an archive's says that it is all of it."""
    choices = find_categories("", limit=1000)
    assert all(len(choice.label) <= 100 for choice in choices)
    assert ARCHIVES["cs"].label == "cs — all of Computer Science"
    assert all(("— all of " in choice.label) == choice.is_archive for choice in choices)


def test_render() -> None:
    """Categories are shown by name, archives as all of them, unknown ones as they are."""
    assert render_category("cs.CV") == "Computer Vision and Pattern Recognition"
    assert render_category("cs.SY") == "Systems and Control"
    assert render_category("cs") == "all of Computer Science"
    assert render_category("quant-ph") == "Quantum Physics"
    assert render_category("zz.ZZ") == "zz.ZZ"
