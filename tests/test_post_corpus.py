"""Real posts, read by the parser and by a second reader that shares nothing with it: both must agree."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from bot.digest.post import format, parse

QUOTE = re.compile(r"<blockquote.*?</blockquote>", re.DOTALL)


class QuoteReader(HTMLParser):
    """Collects an embed's paragraph text, its byline, its last link and its language."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.rest, self.href, self.lang, self.depth = "", "", "", None, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "p":
            self.depth, self.lang = 1, values.get("lang")
        if tag == "br":
            self.text += "\n"
        if tag == "a":
            self.href = values["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.depth = 0

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text += data
        else:
            self.rest += data


def read_quote(source: str) -> tuple[object, ...]:
    reader = QuoteReader()
    reader.feed(source)
    byline = re.fullmatch(r"— (.*) \(@(\w+)\) (\w+) (\d+), (\d+)", reader.rest.strip(), re.DOTALL)
    assert byline
    month = "JanFebMarAprMayJunJulAugSepOctNovDec".index(byline[3][:3]) // 3 + 1
    day = f"{byline[5]}-{month:02d}-{int(byline[4]):02d}"
    return (
        " ".join(byline[1].split()),
        byline[2],
        reader.href.split("?")[0],
        day,
        reader.lang,
        reader.text.strip(),
    )


def read_entries(text: str) -> list[tuple[object, ...]]:
    entries = []
    for part in re.split(r"\n(?=# [0-9]+\. )", text)[1:]:
        lines = part.split("\n")
        urls = re.findall(r"\]\((.*?)\)", lines[6])
        abstract = part.split("\n", 9)[9].split("<blockquote")[0].strip()
        entries.append(
            (
                *lines[0].removeprefix("# ").split(". ", 1),
                tuple(lines[2].split(", ")),
                *re.findall(r"[0-9]+", lines[4].split("(")[0]),
                lines[4].split("(")[1].rstrip(")"),
                *urls,
                tuple(re.findall(r"\[(.*?)\]", lines[7])),
                abstract,
                [read_quote(quote) for quote in QUOTE.findall(part)],
            )
        )
    return entries


def test_every_field_equals_the_second_readers(shared: Path) -> None:
    """Rank, title, authors, counts, time, links, categories, abstract and mentions are the same, in each post."""
    for path in sorted((shared / "posts").rglob("2*.md")):
        if path.parent.name == "garbled":
            continue
        text = path.read_bytes().decode()
        post = parse(text)
        ours = [
            (
                str(entry.rank),
                entry.paper.title,
                entry.paper.authors,
                str(entry.count("retweets")),
                str(entry.count("favorites")),
                f"{entry.observed_at:%m/%d/%Y %H:%M:%S}",
                entry.paper.abs_url,
                entry.paper.pdf_url,
                entry.paper.categories,
                entry.paper.abstract,
                [(m.author, m.handle, m.url, str(m.date), m.lang, m.text) for m in entry.mentions],
            )
            for entry in post.papers
        ]
        assert ours == read_entries(text), path
        assert post.problems == ()
        assert str(post.day) in path.name


def test_formatting_keeps_the_layout_and_the_content(shared: Path) -> None:
    """A real post is written back line for line, embeds aside, and reads the same."""
    for path in sorted((shared / "posts").rglob("2*.md")):
        text = path.read_bytes().decode()
        post = parse(text)
        assert parse(format(post)) == post, path
        if path.parent.name != "garbled":
            assert QUOTE.sub("…", format(post)) == QUOTE.sub("…", text), path
