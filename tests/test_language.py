"""Every text of ours can be said in every language, and what is said in German is German and fits Discord's limits."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from bot.answers.offers import COMMANDS, DIGEST_GROUP, SHOW_PAPERS
from bot.answers.options import parse_period
from bot.digest.selection import Reason
from bot.digest.taxonomy import parse_category
from bot.digest.taxonomy_table import CATEGORY_NAMES
from bot.errors import UserError
from bot.locales import de_answers, de_channels, de_delivery, de_messages, de_panels
from bot.messages.digest import render_digest
from bot.messages.figures import format_change, format_count, format_exact, format_formula, format_metrics
from bot.messages.language import CATALOGUES, choose_language, get_language, say, say_error, speak
from bot.messages.message import Message
from bot.messages.notices import (
    render_categories,
    render_day_gone,
    render_error,
    render_help,
    render_old_button,
    render_paper_gone,
    render_refusal,
)
from bot.messages.paper import render_paper
from bot.messages.rankings import render_day, render_search, render_top
from bot.messages.summary import render_reason, render_summary
from bot.messages.terminal import render_digest_text
from bot.messages.wording import (
    format_category,
    format_day,
    format_filter,
    format_list,
    format_moment,
    format_span,
    format_weekdays,
)
from storage.models import Appearance, Mention
from tests.discord_rules import find_live_markup, find_violations, get_texts, walk
from tests.papers import DAY, make_day, make_digest, make_live_paper, make_paper

ROOT = Path(__file__).parents[1]
LANGUAGE = "bot/messages/language.py"
# What is said with these, and which of their arguments are texts.
SAYERS = {
    ("bot.messages.language", "say"): slice(0, 1),
    ("bot.messages.language", "say_count"): slice(1, 3),
    ("bot.errors", "UserError"): slice(0, 1),
    ("bot.errors", "Words"): slice(0, 1),
}
# The command line and the page on the operator's own machine speak English.
ENGLISH_ROOMS = (
    *("bot/cli.py", "bot/operating.py", "bot/delivering.py", "bot/making.py", "bot/safekeeping.py"),
    *("bot/collecting/", "bot/preview/"),
)
# Variables that may be said: the module, the variable, and the constant of that module that has all its texts.
SAID_VARIABLES = {
    ("bot/answers/completion.py", "days"): "_DAYS",
    ("bot/answers/completion.py", "span"): "_SINCE",
}
ENGLISH = re.compile(
    r"\b(the|an|and|or|of|on|in(?= the)|to|for|at|by|with|since|until|more|most|all|no|none|not|you|your|only|every|"
    r"days?|week|month|year|papers|posts?|page|pages|previous|next|back|try|nothing|found|search|abstract and|titles|"
    r"buttons:|figure|score|retweets|favorites|categories|stored|earlier|someone|done|it|is|this|that|what|there)\b"
)


def find_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every text a module says, and "" with the place of what is no literal."""
    tree = ast.parse(path.read_text())
    module = path.relative_to(ROOT).as_posix()
    known = dict(find_sayers(tree))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        for argument in call.args[known[name]] if name in known else ():
            for text in read_literals(argument, tree, module):
                yield text, f"{module}:{call.lineno}"


def find_sayers(tree: ast.Module) -> Iterator[tuple[str, slice]]:
    """Yield the names a module imported to say things with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (node.module or "", alias.name) in SAYERS:
                    yield alias.asname or alias.name, SAYERS[node.module or "", alias.name]


def read_literals(node: ast.expr, tree: ast.Module, module: str) -> list[str]:
    """Return the texts that an argument can be, [""] when they can't be read off the code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*read_literals(node.body, tree, module), *read_literals(node.orelse, tree, module)]
    constant = SAID_VARIABLES.get((module, ast.unparse(node)))
    for assignment in tree.body:
        if isinstance(assignment, ast.Assign) and ast.unparse(assignment.targets[0]) == constant:
            return list(ast.literal_eval(assignment.value))
    return [""]


def find_offered() -> Iterator[str]:
    """Yield what Discord shows of the commands."""
    yield from (SHOW_PAPERS, DIGEST_GROUP)
    for command in COMMANDS:
        yield command.description
        for option in command.options:
            yield option.description
            yield from (choice.name for choice in option.choices)


MODULES = [
    path
    for path in sorted((ROOT / "bot").rglob("*.py"))
    if not path.relative_to(ROOT).as_posix().startswith((*ENGLISH_ROOMS, LANGUAGE))
]
FOUND = [found for path in MODULES for found in find_texts(path)]
TEXTS = sorted({text for text, _ in FOUND if text} | set(find_offered()))
OFFERED = sorted(set(find_offered()))


def get_names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_has_a_translation(language: str, text: str) -> None:
    """Whatever can be said has a translation, with the same values in it."""
    assert text in CATALOGUES[language]
    assert get_names(CATALOGUES[language][text]) == get_names(text)


def test_texts_can_be_read_off_the_code() -> None:
    """What is said is a literal, so that the test above sees all of it."""
    assert [place for text, place in FOUND if not text] == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_translation_is_left_over(language: str) -> None:
    """A catalogue has nothing that is never said, and nothing twice."""
    assert sorted(set(CATALOGUES[language]) - set(TEXTS)) == []
    assert sum(
        map(len, (de_answers.TEXTS, de_channels.TEXTS, de_delivery.TEXTS, de_messages.TEXTS, de_panels.TEXTS))
    ) == len(CATALOGUES["de"])


@pytest.mark.parametrize("text", OFFERED)
@pytest.mark.parametrize("language", CATALOGUES)
def test_what_commands_say_fits(language: str, text: str) -> None:
    """Descriptions and names of choices have at most Discord's 100 characters, in every language."""
    assert 1 <= len(CATALOGUES[language].get(text, text)) <= 100


ABSTRACT = "Planen ist langsam. Wir zeigen eine Suche, die lernt. Sie braucht halb so lang."
MENTION = Mention("Leserin", "leserin_1", "https://twitter.com/leserin_1/status/13817861896", DAY, "de", "Ein Planer.")


def make_german_paper(rank: int = 1, **changes: Any) -> Appearance:
    """Make a paper whose own words are not English, so that all English in a message is ours."""
    values: dict[str, Any] = {"title": "Lernen, wo man sucht", "abstract": ABSTRACT, "mentions": (MENTION,), **changes}
    return make_paper(rank, **values)


def make_live(rank: int, size: int) -> Appearance:
    """Make a German paper with live counts."""
    title = "Lernen wo man sucht " * size
    return make_live_paper(rank, provisional=True, title=title, abstract=ABSTRACT * size, mentions=(MENTION,))


def render_everything(size: int = 1) -> list[Message]:
    """Render every kind of message, in the language being spoken; `size` makes what strangers wrote longer."""
    papers = [
        make_german_paper(
            rank, title="Lernen wo man sucht " * size, abstract=ABSTRACT * size, authors=("Ada Lovelace",) * (size * 12)
        )
        for rank in range(1, 26)
    ]
    days = [make_day(date(2021, 4, 11)), make_day()]
    lacking = replace(make_day(), front_matter={"missing": ["bluesky", "arxiv"]})
    ranking = {"first": date(2021, 4, 7), "last": DAY, "period": "week", "key": "k1"}
    asked = {"words": ("sucht",), "key": "k1"}
    earlier = [make_german_paper(7, day=date(2021, 4, day), counts=(20, 1)) for day in range(12, 2, -1)]
    return [
        *render_digest(make_digest(papers, total=1234)),
        *render_digest(make_digest(papers[:3], days=days, total=63, categories=("cs.LG",))),
        *render_digest(make_digest([make_german_paper(title="")], total=1)),
        render_top(papers[:10], **ranking, page=2, has_more=True),
        render_top([make_live(1, size), *papers[1:9]], **ranking, is_mixed=True),
        *render_digest(make_digest([make_live(rank, size) for rank in range(1, 26)], days=[lacking], total=30)),
        render_paper([make_live(1, size), *earlier]),
        render_top([], **{**ranking, "period": "all"}),
        render_top([], **ranking, categories=("cs.LG",)),
        render_top([], **ranking, page=2),
        render_search("sucht", papers[:10], **asked, since=DAY, until=DAY, author="Ada", page=2, has_more=True),
        render_search("sucht", [], **asked),
        render_search("sucht", [], **asked, categories=("cs.LG",)),
        render_search("", [], **asked),
        render_day(make_day(), papers[:10], page=1200, has_more=True),
        render_day(make_day(papers=1), []),
        render_paper([papers[0]]),
        render_paper([make_german_paper(abstract="", mentions=(MENTION,) * 9), *earlier]),
        render_paper([make_german_paper(abstract=ABSTRACT * 99, mentions=(MENTION,) * 9, categories=("cs.LG",) * 9)]),
        render_error(""),
        render_error("Ähm", reference="a1b2c3"),
        render_old_button(),
        render_paper_gone("2104.04767"),
        render_day_gone(format_day(DAY)),
        render_categories([("cs.LG", 1234), ("cs", 1)], DAY, DAY),
        render_categories([], DAY, DAY),
        render_help(),
    ]


def get_words(payload: Mapping[str, Any]) -> str:
    labels = [component["label"] for component in walk(payload["components"]) if "label" in component]
    return "\n".join([*get_texts(dict(payload)), *labels])


def test_german_messages_are_german() -> None:
    """No message has an English word of ours left in it."""
    with speak("de"):
        said = [get_words(message.to_payload()) for message in render_everything()]
    left = [(match[0], text) for text in said for match in ENGLISH.finditer(re.sub(r"\]\(\S*\)|/\w+", "]", text))]
    assert left == []
    english = "\n".join(get_words(message.to_payload()) for message in render_everything())
    assert len(set(ENGLISH.findall(english))) > 40


@pytest.mark.parametrize("size", [1, 5, 60])
def test_german_messages_fit(size: int) -> None:
    """Discord takes every message in German too, however long the strangers' text in it is."""
    with speak("de"):
        payloads = [message.to_payload() for message in render_everything(size)]
        payloads.append(render_categories([(name, 123_456) for name in CATEGORY_NAMES], DAY, DAY).to_payload())
    assert [find_violations(payload) for payload in payloads] == [[]] * len(payloads)
    assert [find_live_markup(text) for payload in payloads for text in get_texts(payload)] == [[]] * sum(
        len(get_texts(payload)) for payload in payloads
    )


def test_a_german_line_never_begins_a_list() -> None:
    """A German date has a number with a dot, which at the start of a line Discord would draw as a list."""
    with speak("de"):
        lines = [
            line for one in render_everything() for text in get_texts(one.to_payload()) for line in text.split("\n")
        ]
    assert [line for line in lines if re.match(r"(?:> |-# |#+ )?\d+\. ", line)] == []


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2021, 4, 13), date(2021, 4, 13), "Di. 13. Apr. 2021"),
        (date(2021, 4, 2), date(2021, 4, 4), "Fr. 2. – So. 4. Apr. 2021"),
        (date(2021, 4, 30), date(2021, 5, 2), "Fr. 30. Apr. – So. 2. Mai 2021"),
        (date(2020, 12, 31), date(2021, 1, 2), "Do. 31. Dez. 2020 – Sa. 2. Jan. 2021"),
        (date(2021, 3, 1), date(2021, 3, 1), "Mo. 1. März 2021"),
    ],
)
def test_german_days(first: date, last: date, shown: str) -> None:
    """Days are written as Germans write them."""
    with speak("de"):
        assert format_span(first, last) == shown


def test_german_numbers() -> None:
    """Thousands have a point and tenths a comma, in counts, changes and formulas."""
    paper = make_paper(counts=(11274, 39))
    with speak("de"):
        counts = [format_count(value) for value in (847, 11313, 12000, 1_234_567, 1_200_000_000, -6757, float("nan"))]
        assert counts == ["847", "11,3k", "12k", "1,2 Mio.", "1,2 Mrd.", "−6,8k", "–"]
        assert [format_exact(value) for value in (11313.0, -0.75, 1e300)] == ["11.313", "−0,8", "1e+300"]
        assert format_change(1234.0) == "+1,2k"
        assert format_formula(paper) == "11.313 = 11.274 Retweets + 39 Favoriten"
        assert format_metrics((paper,)) == "Retweets + Favoriten"


def test_german_lists() -> None:
    """Weekdays, choices and moments read as in a German sentence."""
    with speak("de"):
        weeks = [format_weekdays(week) for week in (range(7), range(5), (6, 5), (2,), (0, 2, 4))]
        assert weeks == ["täglich", "Mo bis Fr", "Sa und So", "Mi", "Mo, Mi und Fr"]
        assert format_list(["a", "b", "c"]) == "a, b und c"
        assert format_filter(()) == "ganz arXiv"
        assert [format_category(id) for id in ("cs", "cs.LG")] == ["alles aus Computer Science", "Machine Learning"]
        assert format_moment(datetime(2021, 4, 14, 11, 53, tzinfo=UTC)) == "14. Apr. 2021, 11:53 UTC"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (Reason("no post", 0, DAY), "keine neue Ausgabe seit Di. 13. Apr. 2021"),
        (Reason("no post", 0, None), "noch keine Ausgabe"),
        (Reason("empty post", 0, DAY), "die Ausgabe vom Di. 13. Apr. 2021 enthält keine Paper"),
        (Reason("no match", 1234, DAY), "keines von 1.234 Papern ist aus cs.LG"),
        (Reason("no match", 1, DAY), "1 Paper, aber nicht aus cs.LG"),
        (Reason("all given", 1, DAY), "das einzige Paper wurde schon gesendet"),
        (Reason("all given", 21, DAY), "alle 21 Paper wurden schon gesendet"),
    ],
    ids=lambda value: value.kind if isinstance(value, Reason) else "",
)
def test_german_reasons(reason: Reason, shown: str) -> None:
    """Why there is nothing is said in German, for one paper and for many."""
    digest = make_digest([], categories=("cs.LG",))
    digest = type(digest)(digest.subscription, (), (), 0, reason)
    with speak("de"):
        assert render_reason(digest) == shown
        assert render_digest_text(digest).splitlines()[-1] == f"Nichts zu senden: {shown}."


def test_german_summaries() -> None:
    """A catch-up keeps its nouns in capitals, and a digest of all there is has a plain count."""
    papers = [make_paper(rank) for rank in (1, 2)]
    with speak("de"):
        several = make_digest(papers, days=(make_day(), make_day()), total=1063)
        assert render_summary(several) == "2 Ausgaben · Top 2 von 1.063 · ganz arXiv"
        assert render_summary(replace(several, is_catch_up=True)) == (
            "Nachgeholt aus 2 Ausgaben · Top 2 von 1.063 · ganz arXiv"
        )
        assert render_summary(make_digest(papers, total=2)) == "2 Paper · ganz arXiv"


@pytest.mark.parametrize(
    ("typed", "german"),
    [
        ("physics.foo", "Eine arXiv-Kategorie „physics.foo“ gibt es nicht. Meinst du physics (alles aus Physics), "),
        ("qwertz", "Eine arXiv-Kategorie „qwertz“ gibt es nicht. Versuch es mit einer ID wie cs.CV"),
        (" ", "Das ist keine arXiv-Kategorie. Versuch es mit einer ID wie cs.CV"),
    ],
)
def test_refusals_are_said_in_the_readers_language(typed: str, german: str) -> None:
    """An error raised without knowing who asks is said in their language, and is English for a log."""
    with pytest.raises(UserError) as refusal:
        parse_category(typed)
    assert say_error(refusal.value) == str(refusal.value)
    with speak("de"):
        [text] = get_texts(render_refusal(refusal.value).to_payload())
    assert text.startswith(german)


def test_what_was_typed_is_no_template() -> None:
    """Braces and markup in a member's words stay what they typed, harmless."""
    error = UserError("No post of {day} is stored. The newest is {newest}.", day="{newest.year} <@1> {", newest=DAY)
    for language in ("en", "de"):
        with speak(language):
            [text] = get_texts(render_refusal(error).to_payload())
        assert "{newest.year}" in text
        assert find_live_markup(text) == []


def test_an_error_without_values_may_have_braces() -> None:
    """A text that is not a template is shown as it is."""
    assert str(UserError("Write {this}.")) == "Write {this}."
    with pytest.raises(UserError, match="A period is one of day, week, month, year or all"):
        parse_period("decade")


async def test_a_language_stays_in_its_task() -> None:
    """Two people are answered at once, each in their language; what follows is English again."""
    both_inside = asyncio.Barrier(2)

    async def answer(language: str) -> Sequence[str]:
        with speak(language):
            await both_inside.wait()
            said = [say("Nothing here.")]
            await both_inside.wait()
            return [*said, get_language()]

    german, english = await asyncio.gather(answer("de"), answer("en"))
    assert german == ["Hier ist nichts.", "de"]
    assert english == ["Nothing here.", "en"]
    assert get_language() == "en"


def test_an_error_leaves_the_language_as_it_was() -> None:
    """A language is spoken no longer than the answer, however that ends, and one inside another gives way to it."""
    with speak("de"):
        with pytest.raises(UserError), speak("en"):
            raise UserError("No.")
        assert get_language() == "de"
    assert get_language() == "en"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("de-AT", "de"), ("DE", "de"), ("en-GB", "en"), ("pt-BR", "en"), ("", "en"), (None, "en")],
)
def test_discords_locales_choose_a_language(locale: str | None, language: str) -> None:
    """A locale with a catalogue is answered in it, any other in English."""
    assert choose_language(locale) == language
    with speak("xx"):
        assert get_language() == "en"
