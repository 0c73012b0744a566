"""Custom ids: what a button does survives the way to Discord and back, and nothing else is taken for it."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.taxonomy_table import CATEGORY_NAMES
from bot.messages import actions
from bot.messages.actions import (
    Action,
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DayPage,
    DeleteData,
    DigestsPage,
    ExportSaved,
    GetByDM,
    GetSameByDM,
    OpenCopy,
    OpenDay,
    OpenDigest,
    OpenPaper,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    RemoveSaved,
    RemoveShared,
    ResumeDigest,
    Save,
    SavedPage,
    SearchPage,
    SendDigest,
    Share,
    StopDigest,
    TopPage,
    Unsave,
)
from bot.messages.custom_id import decode, decode_marker, encode

DAY = date(2021, 4, 13)
LONGEST_MARKER = "Aa0_-" * 4 + "zz"
ACTIONS: list[Action] = [
    OpenPaper("2104.04767"),
    OpenPaper("2104.04767", DAY),
    OpenPaper("cond-mat.dis-nn/0611800", date(1, 1, 1)),
    OpenDay(DAY),
    DayPage(date.max, 999_999),
    GetByDM(),
    GetByDM(("cs.CV",)),
    GetByDM(("cs", "cs.CV", "cs.LG", "astro-ph", "cond-mat.dis-nn", "stat.ML")),
    GetSameByDM(999_999_999_999_999_999),
    TopPage("a" * 60, 999_999),
    SearchPage("kX9_-.,=+", 1),
    Save("2104.04767"),
    Unsave("math/0309136"),
    SavedPage(),
    SavedPage(3),
    RemoveSaved(2),
    ExportSaved(),
    Share(OpenPaper("2104.04767", DAY)),
    Share(SearchPage("f" * 16, 12)),
    OpenCopy(TopPage("f" * 16, 1)),
    OpenCopy(DayPage(DAY, 2)),
    RemoveShared(2**64 - 1),
    OpenDigest(7),
    ChangeDigest(7, "weekdays"),
    ChangeDigest(7, "thread", "on"),
    ChangeDigest(7, "timezone", "America-Argentina-Buenos_Aires"),
    AskDigest(7, "time"),
    CopyDigest(7),
    PauseDigest(7),
    ResumeDigest(7),
    StopDigest(7),
    RemoveDigest(7),
    RemoveDigest(7, is_sure=True),
    PreviewDigest(7),
    SendDigest(7, "a1B2c3D4e5F6g7H8"),
    OpenWhy(7),
    DigestsPage(),
    DigestsPage(2),
    DeleteData(),
    DeleteData(is_sure=True),
]


@pytest.mark.parametrize("action", ACTIONS, ids=repr)
@pytest.mark.parametrize("marker", ["", "a", LONGEST_MARKER])
def test_every_action_comes_back_as_it_was(action: Action, marker: str) -> None:
    """Encoding and decoding are inverse for every action, with and without a marker, in 100 characters."""
    custom_id = encode(action, marker)
    assert decode(custom_id) == action
    assert decode_marker(custom_id) == marker
    assert 1 <= len(custom_id) <= 100


def test_every_kind_of_action_is_tried() -> None:
    """The list above leaves none out."""
    assert {type(action) for action in ACTIONS} == set(get_args(actions.Action))


def test_the_form_is_kept() -> None:
    """Buttons posted a year ago still work: the form of version 1 does not change."""
    assert encode(OpenPaper("2104.04767", DAY)) == "h1:p:2104.04767:20210413"
    assert encode(OpenPaper("math/0309136"), "m-1") == "h1:p:math/0309136~m-1"
    assert encode(DayPage(DAY, 2)) == "h1:dp:20210413:2"
    assert encode(GetByDM()) == "h1:mc"
    assert encode(GetByDM(("cs", "cs.CV", "cs.LG", "stat.ML"))) == "h1:mc:cs,cs.CV.LG,stat.ML"
    assert encode(GetSameByDM(12)) == "h1:ms:12"
    assert encode(Share(OpenPaper("2104.04767"))) == "h1:x:p:2104.04767"
    assert encode(ChangeDigest(12, "thread", "on"), "m") == "h1:gc:12:thread:on~m"
    assert encode(SavedPage(1)) == "h1:vp"
    assert encode(TopPage("k", 2)) == "h1:t:k:2"
    assert encode(SearchPage("k", 3)) == "h1:s:k:3"


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "h1",
        "h1:",
        "h1:p",
        "h1:p:",
        "h1:p:2104.04767:20210413:more",
        "h1:p:2104.04767:20210231",
        "h1:p:../../etc",
        "h1:p:2104.04767~",
        "h1:p:2104.04767~" + "a" * 23,
        "h1:dp:20210413:0",
        "h1:dp:20210413:-1",
        "h1:dp:20210413:٣",
        "h1:dp:00000000:1",
        "h1:d:20210413:1",
        "h1:x",
        "h1:x:later:1",
        "h1:gx:7:2",
        "h1:gc:7:Weekdays",
        "h1:gn:7:" + "a" * 17,
        "h1:mc:cs..CV",
        "h1:ms:0",
        "h1:ms:" + "9" * 19,
        "h1:s::1",
        "h1:s:key with space:1",
        "h1:later:2104.04767",
        "h2:p:2104.04767",
        "someone-else's-button",
        "H1:p:2104.04767",
        "h1:p:2104.04767\n",
        "h1:s:" + "k" * 200 + ":1",
        "🤖" * 50,
    ],
)
def test_what_is_not_an_action_is_none(custom_id: str) -> None:
    """An id that is foreign, damaged, of another version or with an unknown verb is None, never an error."""
    assert decode(custom_id) is None


@pytest.mark.parametrize("custom_id", ["h1:later:x:y~mark", "h2:p:whatever~mark", "h1:p:2104.04767~mark"])
def test_a_marker_is_read_whatever_the_verb(custom_id: str) -> None:
    """A message of ours is recognised even if a later version wrote it."""
    assert decode_marker(custom_id) == "mark"


def test_a_foreign_id_has_no_marker() -> None:
    """Another program's button is told apart from ours without a marker."""
    assert decode_marker("vote:yes~mark") is None
    assert decode_marker("h1:p:2104.04767") == ""


@pytest.mark.parametrize(
    ("action", "marker"),
    [
        (OpenPaper("not an id"), ""),
        (OpenPaper("a" * 30 + "/0611800"), ""),
        (DayPage(DAY, 0), ""),
        (GetByDM(tuple(CATEGORY_NAMES)), ""),
        (GetByDM(("cs:CV",)), ""),
        (GetSameByDM(0), ""),
        (ChangeDigest(7, "", "on"), ""),
        (ChangeDigest(7, "thread", "not/one"), ""),
        (Share(OpenPaper("not an id")), ""),
        (SearchPage("", 1), ""),
        (SearchPage("a:b", 1), ""),
        (SearchPage("k" * 61, 1), ""),
        (TopPage("k", 1_000_000), ""),
        (OpenDay(DAY), "m" * 23),
        (OpenDay(DAY), "no spaces"),
    ],
)
def test_what_would_not_come_back_is_refused(action: Action, marker: str) -> None:
    """An id that would be read differently or be too long is never made."""
    with pytest.raises(ValueError, match="no custom id can hold"):
        encode(action, marker)


def test_fifteen_categories_of_computer_science_fit() -> None:
    """An order by categories rarely needs anything stored: 15 of one archive fit beside the longest marker."""
    names = tuple(sorted(name for name in CATEGORY_NAMES if name.startswith("cs.")))[:15]
    assert decode(encode(GetByDM(names), LONGEST_MARKER)) == GetByDM(names)


@given(st.text(max_size=120))
def test_any_text_can_be_decoded(text: str) -> None:
    """Decoding never raises, and what it accepts it would also write."""
    for custom_id in (text, "h1:" + text, "h1:p:" + text, "h1:mc:" + text, "h1:dp:20210413:" + text):
        action = decode(custom_id)
        decode_marker(custom_id)
        if action is not None:
            assert decode(encode(action)) == action
