"""What is read by a pattern, because nearly all of it has one plain shape, reads as the real parser does."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from frontmatter.default_handlers import YAMLHandler
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.digest.entry import Problem, find_edges, parse_entry, read_head, read_plain_head
from bot.digest.front_matter import parse_header
from bot.digest.quote import parse_html, parse_quote
from bot.errors import PostError

LINK = '<a href="https://twitter.com/reader/status/1?ref_src=twsrc%5Etfw">April 13, 2021</a>'
PIECES = (
    *(
        "A word",
        "é",
        "日本",
        "\U0001f600",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\v",
        "\x85",
        "\u2028",
        "\0",
        "<br>",
        "<br/>",
        "<BR>",
    ),
    *("&amp;", "&lt;", "&amp;lt;", "&nbsp;", "&", "&amp", "&#39;", "&#x41;", "&hearts;", "&mdash; ", "&#0;", "<", ">"),
    *("<p>", "</p>", '<a href="https://t.co/x">', "</a>", "<b>bold</b>", "<!-- -->", "<blockquote>", '"', "(@b) "),
    *(' lang="de"', ' lang="&#100;e"', ' x=" href="', " lang=en", LINK, "</blockquote>", "<a>", "<script>"),
)
VALUES = (
    *(
        '"post"',
        '""',
        '"a: b # c"',
        '"\\x41"',
        "'post'",
        "post",
        "Hot Papers",
        "Hot Papers 2021-04-13",
        "Hot Papers: x",
    ),
    *("true", "false", "yes", "no", "null", "~", "1", "1.5", "2021-04-14", "2021-04-14T11:53:41.Z", "[a]", "{a: b}"),
    *("2021-04-14T11:53:41Z", "2021-04-14T11:53:41.5Z", "2021-13-14T11:53:41.Z", "2021-04-14 11:53:41", "|", '"é"', ""),
)
KEYS = ("title", "date", "draft", "tags", "on", "null", "mood", "a-b", "é", "title ")
LINES = ('  - "x"', "  - x", '- "x"', "", " ", "# note", '   - "x"', '  more: "y"', "\t", '"key": "value"')
header_lines = st.lists(
    st.one_of(st.builds(lambda k, v: f"{k}: {v}".rstrip(), st.sampled_from(KEYS), st.sampled_from(VALUES)),
              st.builds("{}:".format, st.sampled_from(KEYS)), st.sampled_from(LINES)),
    max_size=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6), st.lists(st.sampled_from(PIECES), max_size=3), st.data())
@example(["&amp;", "<br>"], ["&mdash; "], None)
def test_an_embed_reads_as_an_html_parser_reads_it(
    text: list[str], rest: list[str], data: st.DataObject | None
) -> None:
    """Whatever is in an embed, its plain shape or anything like it, the mention is the one that a parser finds."""
    quote = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{"".join(text)}</p>'
        f"{''.join(rest)}A Reader (@reader) {LINK}</blockquote>"
    )
    if data:
        at = data.draw(st.integers(0, len(quote)))
        quote = quote[:at] + data.draw(st.sampled_from(PIECES)) + quote[at:]
    assert parse_quote(quote) == parse_html(quote)


@settings(max_examples=600, deadline=None)
@given(header_lines)
@example(["title: Hot Papers 2021-04-13", "date: 2021-04-14T11:53:41.Z", "tags:", '  - "x"', "draft: false"])
@example(['title: "a"', '  - "x"'])
@example(["date: 2021-13-14T11:53:41.Z", '  - "x"'])
@example(["tags:", "", '  - "x"', 'mood: ""'])
def test_a_header_reads_as_yaml_reads_it(lines: list[str]) -> None:
    """Whatever lines a header has, its values and their types are YAML's, and what YAML refuses is refused."""
    text = "\n".join(["---", *lines, "---", ""])
    try:
        expected = yaml.safe_load(YAMLHandler().split(text)[0])
    except (yaml.YAMLError, ValueError):
        expected = None
    if not isinstance(expected, dict) or not all(isinstance(key, str) for key in expected):
        with pytest.raises(PostError):
            parse_header(text)
        return
    values = parse_header(text).values
    assert values == expected
    assert [(key, type(value)) for key, value in values.items()] == [(k, type(v)) for k, v in expected.items()]


COUNTS = "- retweets: 12, favorites: 3 (04/14/2021 11:53:41)"
LINKS = "- links: [abs](https://arxiv.org/abs/2104.04767) | [pdf](https://arxiv.org/pdf/2104.04767)"
TOPICS = "- [cs.CV](https://arxiv.org/list/cs.CV/recent) | [eess.IV](https://arxiv.org/list/eess.IV/recent)"
HEADS = (
    *("# 1. A title", "# 1.  Two  spaces ", "# 12. - links: [abs](https://arxiv.org/abs/2104.00001)", "# 1234567. Far"),
    *("#1. x", "Ada Lovelace, Bo", "- links: x", "- retweets: 1, favorites: 2", "Ada,, ,Bo\u2028", "- Ada", "", "", ""),
    *("", " ", "\r", COUNTS, f"{COUNTS} ", "- retweets: 12, favorites: 3", COUNTS.replace("04", "13"), "Text."),
    *(LINKS, LINKS.replace("https", "http"), LINKS.replace("abs/", "abs/v2"), LINKS.replace("67)", "67v2)", 1)),
    *(f"{LINKS} .", LINKS.replace("pdf/2", "pdf/1"), LINKS.partition(" |")[0], "- links: none"),
    *(LINKS.replace("2104.04767", "math/0309136"), TOPICS, "- []", "- [cs.CV](x) <blockquote", "[cs.CV](x)"),
)  # fmt: skip
PLAIN = ["# 3. A title", "", "Ada Lovelace, Bo", "", COUNTS, "", LINKS, TOPICS, "", "Text."]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(HEADS), st.booleans()), max_size=3), st.booleans())
@example([], True)
def test_a_plain_head_reads_as_one_that_is_searched_line_by_line(
    changes: list[tuple[int, str, bool]], ends: bool
) -> None:
    """Whatever lines stand in a paper's head, the quick way finds what the long way finds, or leaves it to it."""
    lines = list(PLAIN)
    for at, line, added in changes:
        lines[at : at + (not added)] = [line]
    text = "\n".join(lines) + ("\n" if ends else "")
    quick, problems = read_plain_head(text), list[Problem]()
    assert changes or quick, "the plain shape itself is read the quick way"
    if quick:
        assert quick == read_head(text, 1, problems)
        assert not problems


@pytest.mark.parametrize("end", ["</blockquote>", "</blockquote >", "</blockquote", "</BLOCKQUOTE>", "</blockquote\n>"])
def test_an_embed_ends_with_the_name_of_its_closing_tag(end: str) -> None:
    """An embed is the same whatever stands in its closing tag, and wherever in a paper's text it is."""
    embed = f'<blockquote><p lang="en">A &amp;lt; word</p>&mdash; A Reader (@reader) {LINK}{end}'
    text = "\n".join([*PLAIN, "", embed, embed])
    paper, problems = parse_entry(text, date(2021, 4, 13), 1, find_edges(text))
    expected = parse_html(f"{embed.rpartition('<')[0]}</blockquote>")
    assert paper.mentions == (expected, expected)
    assert expected and expected.text == "A &lt; word"
    assert not problems
