"""One setting of a digest changed by what was chosen or typed, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from bot.answers.changes import add_categories, change, find_covering, parse_weekdays, remove_category
from bot.answers.desk import Limits
from bot.digest.taxonomy import CATEGORIES
from bot.errors import UserError
from storage.models import Subscription, Target
from tests.builders import NOW

DIGEST = Subscription(Target("member", "1"), ("cs.CV", "stat"), timezone="Asia/Tokyo", id=3)
HOSTILE = (
    *("", " ", "\x00", "@everyone", "<@1>" * 40, "9" * 5000, "\u202e9", "-1", "\u0661\u0662", "null", "{x}", "%s"),
    *("🦆" * 300, "a,b" * 900),
)
SETTINGS = ("time", "timezone", "weekdays", "count", "only", "categories")


def changed(setting: str, *values: str) -> Subscription:
    """Return the digest with one setting changed."""
    return change(DIGEST, setting, values, Limits(), NOW)


@pytest.mark.parametrize(
    ("setting", "values", "field", "expected"),
    [
        ("time", ["9pm"], "at", time(21)),
        ("time", ["07:30"], "at", time(7, 30)),
        ("timezone", ["Tokyo"], "timezone", "Asia/Tokyo"),
        ("timezone", ["+2"], "timezone", "Etc/GMT-2"),
        ("weekdays", ["4", "0"], "weekdays", (0, 4)),
        ("weekdays", ["mon wed fri"], "weekdays", (0, 2, 4)),
        ("count", ["25"], "count", 25),
        ("count", [" 1 "], "count", 1),
        ("only", ["very hot"], "only", "very hot"),
        ("only", ["Very_Hot"], "only", "very hot"),
        ("categories", ["cs.cv, STAT"], "categories", ("cs.CV", "stat")),
        ("categories", ["math.AG", "cs.LG"], "categories", ("math.AG", "cs.LG")),
        ("categories", ["Distributed, Parallel, and Cluster Computing"], "categories", ("cs.DC",)),
        ("categories", ["all"], "categories", ()),
        ("categories", [" "], "categories", ()),
        ("categories", [], "categories", ()),
    ],
)
def test_a_setting_takes_what_people_choose_or_type(
    setting: str, values: list[str], field: str, expected: object
) -> None:
    """The setting becomes what was meant, in its canonical form, and nothing else changes."""
    assert change(DIGEST, setting, values, Limits(), NOW) == replace(DIGEST, **{field: expected})


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("every day", (0, 1, 2, 3, 4, 5, 6)),
        ("Daily", (0, 1, 2, 3, 4, 5, 6)),
        ("weekdays", (0, 1, 2, 3, 4)),
        ("weekends", (5, 6)),
        ("mon, wed and fri", (0, 2, 4)),
        ("Tuesday/Thursday", (1, 3)),
        ("mo-fr", (0, 1, 2, 3, 4)),
        ("Mon to Thu, sun", (0, 1, 2, 3, 6)),
        ("fri – mon", (0, 4, 5, 6)),
        ("täglich", (0, 1, 2, 3, 4, 5, 6)),
        ("Di, Do", (1, 3)),
        ("Mi bis Sa", (2, 3, 4, 5)),
        ("so", (6,)),
        ("weekends & mo", (0, 5, 6)),
    ],
)
def test_days_of_the_week_are_read_as_people_write_them(text: str, days: tuple[int, ...]) -> None:
    """English and German, single days, stretches and groups."""
    assert parse_weekdays(text) == days


@pytest.mark.parametrize("text", ["", "  ", "and", "m", "mon-xyz", "someday", "-", "13 April", "@everyone"])
def test_what_is_no_day_of_the_week_is_refused(text: str) -> None:
    """The refusal says what would be understood."""
    with pytest.raises(UserError, match="weekdays"):
        parse_weekdays(text)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_does_harm(setting: str, value: str) -> None:
    """Whatever is sent, the setting is a proper one afterwards or the sender reads a refusal that pings nobody."""
    try:
        result = changed(setting, value)
    except UserError as error:
        assert 10 < len(str(error)) < 400
        assert "<@" not in str(error)
        assert "\u202e" not in str(error)
    else:
        assert result.weekdays
        assert 1 <= result.count <= 25
        assert result.only in ("all", "hot", "very hot")


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        *[("count", [value]) for value in ("0", "26", "-1", "1.5", "ten", "", "٣")],
        ("count", []),
        ("time", []),
        ("time", ["25:00"]),
        ("timezone", ["Atlantis"]),
        ("only", ["lukewarm"]),
        ("weekdays", []),
        ("weekdays", ["7"]),
        ("categories", ["cs.XX"]),
        ("categories", ["cs.CV", "nonsense"]),
        ("mention", ["1"]),
        ("target", ["1"]),
        ("", []),
    ],
)
def test_what_a_setting_cannot_be_is_refused(setting: str, values: list[str]) -> None:
    """Numbers out of range, unknown words, nothing at all, and settings that are not shared by all digests."""
    with pytest.raises(UserError):
        change(DIGEST, setting, values, Limits(), NOW)


def test_a_digest_has_a_bounded_number_of_categories() -> None:
    """One more than the limit is refused with the limit, chosen or added; the limit itself is not."""
    ids = list(CATEGORIES)[:4]
    limits = Limits(categories=3)
    assert change(DIGEST, "categories", ids[:3], limits, NOW).categories == tuple(ids[:3])
    with pytest.raises(UserError, match="at most 3"):
        change(DIGEST, "categories", ids, limits, NOW)
    with pytest.raises(UserError, match="at most 3"):
        add_categories(replace(DIGEST, categories=("cs.CV", "cs.LG", "math.AG")), ("math.CO",), limits)


def test_adding_keeps_each_category_once_and_whole_archives_take_theirs_in() -> None:
    """All of arXiv holds everything, an archive its categories, and a second id is the first."""
    assert add_categories(DIGEST, ("cs.LG", "cs.CV"), Limits()).categories == ("cs.CV", "stat", "cs.LG")
    assert add_categories(DIGEST, ("cs",), Limits()).categories == ("stat", "cs")
    assert add_categories(DIGEST, (), Limits()).categories == ()
    assert add_categories(replace(DIGEST, categories=()), ("cs.CV",), Limits()).categories == ()
    assert find_covering("stat.ML", DIGEST.categories) == "stat"
    assert find_covering("cs.CV", DIGEST.categories) == "cs.CV"
    assert find_covering("cs.LG", DIGEST.categories) is None


def test_removing_never_leaves_all_of_arxiv() -> None:
    """The last category stays, as a digest without any would be over everything; others are refused by name."""
    assert remove_category(DIGEST, "cs.CV").categories == ("stat",)
    with pytest.raises(UserError, match=r"cs\.LG is none of your digest's categories: cs\.CV, stat"):
        remove_category(DIGEST, "cs.LG")
    for rest in ((), ("stat",)):
        with pytest.raises(UserError):
            remove_category(replace(DIGEST, categories=rest), "stat")
