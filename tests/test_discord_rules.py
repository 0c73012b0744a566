"""The checker of Discord's rules that other tests rely on: it finds each fault and passes what is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.messages.digest import render_digest
from bot.messages.notices import render_help
from bot.messages.paper import render_paper
from bot.messages.rankings import render_search
from tests.discord_rules import find_live_markup, find_schema_violations, find_violations
from tests.papers import make_digest, make_paper

TEXT: dict[str, Any] = {"type": 10, "content": "text"}
BUTTON: dict[str, Any] = {"type": 2, "style": 2, "label": "1", "custom_id": "a"}
LINK: dict[str, Any] = {"type": 2, "style": 5, "label": "arXiv", "url": "https://arxiv.org"}


def make_row(*buttons: dict[str, Any]) -> dict[str, Any]:
    """Return an action row."""
    return {"type": 1, "components": list(buttons)}


def make_buttons(count: int) -> list[dict[str, Any]]:
    """Return buttons with different ids."""
    return [BUTTON | {"custom_id": str(number)} for number in range(count)]


def make_answer(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a message of components v2."""
    return {"flags": 1 << 15, "components": list(components), **more}


def make_content(*rows: dict[str, Any], content: str = "text") -> dict[str, Any]:
    """Return a message of plain content."""
    return {"flags": 4, "content": content, "components": list(rows)}


def test_what_discord_takes_passes() -> None:
    """A right message of each kind has no violation."""
    section = {"type": 9, "components": [TEXT] * 3, "accessory": BUTTON}
    assert find_violations(make_content(make_row(*make_buttons(5)), content="x" * 2000)) == []
    assert find_violations(make_answer({"type": 17, "components": [section, {"type": 14}, make_row(LINK)]})) == []


@pytest.mark.parametrize(
    "payload",
    [
        make_content(content="x" * 2001),
        make_content(content="𝔸" * 1001),
        make_content(content=" "),
        make_content(TEXT),
        make_content(*(make_row(BUTTON | {"custom_id": str(number)}) for number in range(6))),
        make_content(make_row(*make_buttons(6))),
        make_content(make_row()),
        make_content(make_row(BUTTON, BUTTON)),
        make_content(make_row(BUTTON | {"label": "x" * 81})),
        make_content(make_row(BUTTON | {"label": ""})),
        make_content(make_row(BUTTON | {"custom_id": "x" * 101})),
        make_content(make_row(BUTTON | {"custom_id": ""})),
        make_content(make_row(BUTTON | {"url": "https://arxiv.org"})),
        make_content(make_row(LINK | {"url": "javascript:alert(1)"})),
        make_content(make_row(LINK | {"url": "https://arxiv.org/" + "x" * 500})),
        make_content(make_row(LINK | {"style": 2})),
        make_answer(),
        make_answer(BUTTON),
        make_answer(TEXT, content="both"),
        make_answer(TEXT | {"content": ""}),
        make_answer(TEXT | {"content": "x" * 2500}, TEXT | {"content": "x" * 1501}),
        make_answer(*[TEXT] * 41),
        make_answer({"type": 17, "components": []}),
        make_answer({"type": 17, "components": [{"type": 17, "components": [TEXT]}]}),
        make_answer({"type": 9, "components": [TEXT] * 4, "accessory": BUTTON}),
        make_answer({"type": 9, "components": [TEXT]}),
        make_answer({"type": 99}),
    ],
)
def test_what_discord_refuses_is_found(payload: dict[str, Any]) -> None:
    """Each message here breaks one rule, and is found to."""
    assert find_violations(payload)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "<@123>",
        "<@&123>",
        "<#1>",
        "<:smile:1>",
        "<t:1:R>",
        "</top:1>",
        "<id:guide>",
        "[a](https://evil.example)",
        "https://evil.example",
        "<mail@evil.example>",
        "\u202e",
        "||open",
        "```open",
        "**open",
    ],
)
def test_live_markup_is_found(text: str) -> None:
    """Pings, foreign links, bidi overrides and open fences don't pass."""
    assert find_live_markup(text)


def test_our_own_markup_passes() -> None:
    """Our headings, bold, and masked links to arXiv and to single posts are meant to work."""
    assert find_live_markup("### a\n**1** [b](https://arxiv.org/abs/math.CA/0611800) \\||") == []
    assert find_live_markup("[c](https://twitter.com/a_b/status/123)") == []


def test_messages_keep_to_discords_own_specification(shared: Path) -> None:
    """Every kind of message fits the schema that Discord publishes for creating one."""
    spec = json.loads((shared / "discord" / "openapi.json").read_text(encoding="utf-8"))
    schema = spec["components"]["schemas"]["MessageCreateRequest"]
    papers = [make_paper(rank) for rank in range(1, 11)]
    messages = [
        *render_digest(make_digest(papers)),
        render_search("learning", papers, words=("learning",), key="k", page=2, has_more=True),
        render_paper(papers),
        render_help(),
    ]
    for message in messages:
        assert find_schema_violations(message.to_payload(), schema, spec) == []
    broken = messages[0].to_payload()
    broken["components"][0]["components"][0]["custom_id"] = "x" * 101
    assert find_schema_violations(broken, schema, spec)
    assert find_schema_violations({"content": 1}, schema, spec) == ["$.content: not ['string', 'null']"]
    assert find_schema_violations({"components": [{"type": 10}]}, schema, spec)
