"""Short private answers: each says what to do next and fits one message."""

from __future__ import annotations

from bot.digest.taxonomy_table import CATEGORY_NAMES
from bot.messages.notices import (
    render_categories,
    render_day_gone,
    render_error,
    render_help,
    render_old_button,
    render_paper_gone,
)
from tests.discord_rules import find_live_markup, find_violations, get_texts
from tests.goldens import check_golden
from tests.papers import DAY

NAMES = ("top", "search", "saved", "categories", "subscribe", "subscriptions", "digest")


def test_every_notice_reads_well() -> None:
    """The words of all notices are kept, so that a change of them is seen and read."""
    notices = [
        render_error("Unknown category “visoin”. Did you mean cs.CV?"),
        render_error("That did not work.", "Try again in a minute.", reference="a1b2c3"),
        render_old_button(),
        render_paper_gone("2104.04767"),
        render_day_gone("Tue 13 Apr 2021"),
        render_categories([("cs.CV", 1234), ("math.CO", 1)], DAY, DAY),
        render_categories([], DAY, DAY),
        render_help(),
        render_help(
            dict.fromkeys(
                ("top", "search", "saved", "categories", "subscribe", "subscriptions", "digest"), 123456789012345678
            )
        ),
    ]
    assert [find_violations(each.to_payload()) for each in notices] == [[]] * len(notices)
    check_golden("notices.txt", "\n\n".join("\n".join(get_texts(each.to_payload())) for each in notices))


def test_what_a_member_typed_does_nothing() -> None:
    """An error repeats the member's words as text, cut to fit."""
    for typed in ("@everyone <@1> ||a", "[a](https://evil.example)", "```" + "x" * 5000, "\u202e# a\n# b", ""):
        payload = render_error(f"Unknown category {typed}", reference=typed).to_payload()
        assert find_violations(payload) == []
        assert [find_live_markup(text) for text in get_texts(payload)] == [[]]


def test_all_of_arxivs_categories_fit() -> None:
    """The list of categories is cut to whole lines, and says how many are left out."""
    payload = render_categories([(name, 123_456) for name in CATEGORY_NAMES], DAY, DAY).to_payload()
    assert find_violations(payload) == []
    [text] = get_texts(payload)
    assert text.endswith(" more")
    assert len(text) > 3500
