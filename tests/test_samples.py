"""The posts that ship with the project: enough of them, true in their facts, our own words elsewhere."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.digest.post import format, parse
from bot.digest.taxonomy import CATEGORIES

SAMPLES = Path(__file__).parents[1] / "samples"
POSTS = sorted(SAMPLES.glob("20*.md"))
QUOTE = re.compile(r'<blockquote class="twitter-tweet"><p[^>]*>(.*?)</p>&mdash; (.*?) \(@(\w+)\) <a href="([^"]*)"')


@dataclass(frozen=True)
class Entry:
    """A paper as a few regular expressions see it, on purpose not as the project's own parser does."""

    facts: tuple[str, ...]
    abstract: str
    quotes: tuple[tuple[str, ...], ...]


def read_entries(path: Path) -> list[Entry]:
    text = path.read_bytes().decode("utf-8")
    return [read_entry(part) for part in re.split(r"(?m)^(?=# \d+\. )", text)[1:]]


def read_entry(part: str) -> Entry:
    title, authors, counts, links, categories, rest = re.fullmatch(
        r"(# .*)\n\n(.*)\n\n(- retweets: .*)\n\n(- links: .*)\n(- \[.*)\n\n((?s:.*))", part
    ).groups()
    abstract = rest.partition("<blockquote")[0].strip()
    return Entry((title, authors, counts, links, categories), abstract, tuple(QUOTE.findall(rest)))


def find_original(shared: Path, post: Path) -> Path:
    return next(path for path in (shared / "posts").rglob(post.name) if path.parent.name != "garbled")


def drop_quoted_words(text: str) -> str:
    """Take out what was quoted: a parsed quote keeps its text, not the links in it."""
    return re.sub(r"<p ([^>]*)>.*?</p>", r"<p \1></p>", text)


def find_sentences(text: str) -> set[str]:
    """Return the sentences of at least eight words, with nothing left but lower-case words."""
    plain = html.unescape(re.sub(r"<[^>]*>", " ", text)).casefold()
    sentences = (re.findall(r"\w+", sentence) for sentence in re.split(r"[.!?:;]\s", plain + " "))
    return {" ".join(words) for words in sentences if len(words) >= 8}


def find_phrases(text: str, length: int) -> set[str]:
    words = re.findall(r"\w+", html.unescape(text).casefold())
    return {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}


def test_there_is_enough_to_see() -> None:
    """At least four days of at least ten papers each, all within one week and a day."""
    days = [date.fromisoformat(post.name[:10]) for post in POSTS]
    assert len(days) >= 4
    assert all(len(read_entries(post)) >= 10 for post in POSTS)
    assert (max(days) - min(days)).days <= 7


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name[:10])
def test_sample_is_a_whole_post(post: Path) -> None:
    """Every sample is read without a problem, with all its papers and quotes, and its layout is kept."""
    text = post.read_bytes().decode("utf-8")
    parsed = parse(text)
    entries = read_entries(post)
    assert not parsed.is_partial
    assert [len(paper.mentions) for paper in parsed.papers] == [len(entry.quotes) for entry in entries]
    assert [paper.paper.abstract for paper in parsed.papers] == [entry.abstract for entry in entries]
    assert drop_quoted_words(format(parsed)) == drop_quoted_words(text)
    assert parse(format(parsed)) == parsed


def test_samples_show_what_posts_can_hold() -> None:
    """The samples have LaTeX, accents, an empty abstract, line breaks, emoji, Japanese, unquoted papers."""
    entries = [entry for post in POSTS for entry in read_entries(post)]
    abstracts = [entry.abstract for entry in entries]
    quotes = [text for entry in entries for text, *_ in entry.quotes]
    assert sum("$" in abstract for abstract in abstracts) >= 4
    assert any(r"\%" in abstract for abstract in abstracts)
    assert abstracts.count("") == 1
    assert any("é" in entry.facts[1] for entry in entries)
    assert any("  " in entry.facts[0] for entry in entries)
    assert any("<br>" in text for text in quotes)
    assert any("🎹" in text for text in quotes)
    assert any(re.search("[぀-ヿ]", text) for text in quotes)
    assert any(not entry.quotes for entry in entries)
    assert max(len(entry.quotes) for entry in entries) == 3


def test_abstracts_are_short_descriptions() -> None:
    """Every abstract but the empty one has two to five sentences."""
    for entry in (entry for post in POSTS for entry in read_entries(post) if entry.abstract):
        sentences = re.split(r"(?<=[.?!])(?:\")?\s+(?=[A-Z\"$])", entry.abstract)
        assert 2 <= len(sentences) <= 5, entry.facts[0]


def test_readers_are_made_up() -> None:
    """Every quote is by a sample reader, links to arXiv or other sample readers only, and has its own id."""
    quotes = [quote for post in POSTS for entry in read_entries(post) for quote in entry.quotes]
    links = [link for *_, link in quotes]
    assert len(links) == len(set(links)) > 20
    for text, author, handle, link in quotes:
        assert author.startswith(("Sample Reader", "サンプル読者"))
        assert re.fullmatch(r"sample_reader_\d", handle)
        assert re.fullmatch(rf"https://twitter\.com/{handle}/status/1\d+\?ref_src=twsrc%5Etfw", link)
        for target in re.findall(r'href="([^"]*)"', text):
            assert re.match(r"https://(arxiv\.org/abs/|twitter\.com/(hashtag/|sample_reader_))", target)


def test_categories_are_arxivs() -> None:
    """Every category printed is one that arXiv has."""
    for entry in (entry for post in POSTS for entry in read_entries(post)):
        assert set(re.findall(r"\[([^\]]+)\]", entry.facts[4])) <= set(CATEGORIES)


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name[:10])
def test_facts_are_true(post: Path, shared: Path) -> None:
    """Titles, authors, counts, times, links, categories and the post's date are those of the real post."""
    original = find_original(shared, post)
    ours, theirs = read_entries(post), read_entries(original)
    assert [entry.facts for entry in ours] == [entry.facts for entry in theirs[: len(ours)]]
    for key in ("title", "date", "slug", "draft"):
        line = re.compile(rf"(?m)^{key}: .*$")
        assert line.search(post.read_text("utf-8"))[0] == line.search(original.read_text("utf-8"))[0]


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name[:10])
def test_words_are_our_own(post: Path, shared: Path) -> None:
    """No sentence, and no eight words in a row, of a real abstract; no text of a real quote."""
    ours, theirs = read_entries(post), read_entries(find_original(shared, post))
    for mine, original in zip(ours, theirs, strict=False):
        assert not find_sentences(mine.abstract) & find_sentences(original.abstract)
        assert not find_phrases(mine.abstract, 8) & find_phrases(original.abstract, 8)
    real_quotes = {text for entry in theirs for text, *_ in entry.quotes}
    assert not {text for entry in ours for text, *_ in entry.quotes} & real_quotes


def test_readme_says_what_is_made_up() -> None:
    """Whoever opens the folder is told which words are the authors' and which are not."""
    readme = (SAMPLES / "README.txt").read_text("utf-8")
    assert "True" in readme
    assert "Made up" in readme


def test_documented_post_is_a_post() -> None:
    """The example that the documentation gives to writers of generators is read without a problem."""
    page = (SAMPLES.parent / "docs" / "post-format.md").read_text("utf-8")
    example = page.split("```markdown\n")[1].split("\n# 2. ")[0]
    parsed = parse(example)
    (paper,) = parsed.papers
    assert not parsed.problems
    assert (paper.paper.arxiv_id, paper.count("retweets"), len(paper.mentions)) == ("2104.04767", 11274, 1)
    assert paper.mentions[0].text == "First line.\nSecond line."
