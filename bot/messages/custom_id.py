"""The form of an action in a custom id, and back.

    h1:p:2104.04767:20210413~marker
    │  │ └ fields            └ whose message this is (optional)
    │  └ verb
    └ version of the form: an id of another version is still recognised as ours, though not read

State lives in the id, so a button works after any restart. What does not fit (a search with its filters) is
stored elsewhere under a short key, which the id carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

from bot.messages import actions
from bot.messages.actions import Action
from bot.messages.limits import CUSTOM_ID

_OURS = re.compile(r"h[0-9]{1,2}:[\x21-\x7d]*(?:~(?P<marker>[A-Za-z0-9_-]{1,22}))?", re.ASCII)
_CATEGORY_GROUP = re.compile(r"[A-Za-z-]{1,20}(?:\.[A-Za-z-]{1,20})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    """How one value is written; `parse` gets only texts that match `pattern`."""

    pattern: re.Pattern[str]
    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str


def _field(pattern: str, parse: Callable[[str], Any] = str, format: Callable[[Any], str] = str) -> _Field:
    return _Field(re.compile(pattern, re.ASCII), parse, format)


def _format_categories(categories: tuple[str, ...]) -> str:
    """Write neighbours of one archive together, so that 20 of them fit: cs.CV, cs.LG → cs.CV.LG."""
    groups: list[str] = []
    for name in categories:
        archive, dot, sub = name.partition(".")
        if dot and groups and groups[-1].startswith(archive + "."):
            groups[-1] += "." + sub
        else:
            groups.append(name)
    return ",".join(groups)


def _parse_categories(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for group in text.split(",") if text else ():
        if _CATEGORY_GROUP.fullmatch(group) is None:
            raise ValueError(group)
        archive, *subs = group.split(".")
        names += [f"{archive}.{sub}" for sub in subs] or [archive]
    return tuple(names)


# arXiv's identifier scheme, since April 2007 and before: https://info.arxiv.org/help/arxiv_identifier.html
_ARXIV_ID = _field(r"[0-9]{4}\.[0-9]{4,5}|[A-Za-z-]{1,20}(?:\.[A-Za-z-]{1,20})?/[0-9]{7}")
_DAY = _field(r"[0-9]{8}", date.fromisoformat, lambda day: day.isoformat().replace("-", ""))
_PAGE = _field(r"[1-9][0-9]{0,5}", int)
_NUMBER = _field(r"[1-9][0-9]{0,17}", int)  # what the database can hold, and more than it will
_SNOWFLAKE = _field(r"[1-9][0-9]{0,19}", int)
_KEY = _field(r"[A-Za-z0-9_.,=+-]{1,60}")
_WORD = _field(r"[a-z_]{1,16}")
_VALUE = _field(r"[A-Za-z0-9_.+-]{1,40}")
_REQUEST = _field(r"[A-Za-z0-9]{1,16}")
_FLAG = _field(r"[01]", lambda text: text == "1", lambda flag: "1" if flag else "0")
_CATEGORIES = _field(r"[A-Za-z.,-]*", _parse_categories, _format_categories)
_NESTED = object()  # the rest is an action of its own

# Each action's verb, never used for anything else, and the form of its fields in their order.
_FORMS: dict[type[Any], tuple[str, tuple[Any, ...]]] = {
    actions.OpenPaper: ("p", (_ARXIV_ID, _DAY)),
    actions.OpenDay: ("d", (_DAY,)),
    actions.DayPage: ("dp", (_DAY, _PAGE)),
    actions.GetByDM: ("mc", (_CATEGORIES,)),
    actions.GetSameByDM: ("ms", (_NUMBER,)),
    actions.TopPage: ("t", (_KEY, _PAGE)),
    actions.SearchPage: ("s", (_KEY, _PAGE)),
    actions.Save: ("v", (_ARXIV_ID,)),
    actions.Unsave: ("u", (_ARXIV_ID,)),
    actions.SavedPage: ("vp", (_PAGE,)),
    actions.RemoveSaved: ("vr", (_PAGE,)),
    actions.ExportSaved: ("vx", ()),
    actions.Share: ("x", (_NESTED,)),
    actions.OpenCopy: ("xo", (_NESTED,)),
    actions.RemoveShared: ("xr", (_SNOWFLAKE,)),
    actions.OpenDigest: ("g", (_NUMBER,)),
    actions.ChangeDigest: ("gc", (_NUMBER, _WORD, _VALUE)),
    actions.AskDigest: ("ga", (_NUMBER, _WORD)),
    actions.CopyDigest: ("gm", (_NUMBER,)),
    actions.PauseDigest: ("gp", (_NUMBER,)),
    actions.ResumeDigest: ("gr", (_NUMBER,)),
    actions.StopDigest: ("gs", (_NUMBER,)),
    actions.RemoveDigest: ("gx", (_NUMBER, _FLAG)),
    actions.PreviewDigest: ("gv", (_NUMBER,)),
    actions.SendDigest: ("gn", (_NUMBER, _REQUEST)),
    actions.OpenWhy: ("gy", (_NUMBER,)),
    actions.DigestsPage: ("l", (_PAGE,)),
    actions.DeleteData: ("k", (_FLAG,)),
}
_FIELDS = {action: fields(action) for action in _FORMS}
_ACTIONS = {verb: (action, forms) for action, (verb, forms) in _FORMS.items()}


@lru_cache(maxsize=512)  # the same few are in many digests; whether an action fits is asked before its button is made
def encode(action: Action, marker: str = "") -> str:
    """Return the custom id of `action`, at most 100 characters (Discord's limit).

    `marker` (0–22 of A-Z a-z 0-9 _ -) lets a bot recognise its own message later. Raises ValueError for a
    value that would not come back from `decode` as it went in: a key with a space, too many categories.
    """
    custom_id = ":".join(("h1", *_format_parts(action))) + (f"~{marker}" if marker else "")
    if len(custom_id) > CUSTOM_ID or decode(custom_id) != action or decode_marker(custom_id) != marker:
        raise ValueError(f"no custom id can hold {action!r} with the marker {marker!r}")
    return custom_id


def can_encode(action: Action, marker: str = "") -> bool:
    """Tell whether a custom id can hold `action`."""
    try:
        encode(action, marker)
    except ValueError:
        return False
    return True


def decode(custom_id: str) -> Action | None:
    """Return what a button does, or None for an id that is not ours, is damaged or of another version."""
    match = _OURS.fullmatch(custom_id)
    if match is None or len(custom_id) > CUSTOM_ID:
        return None
    version, *parts = custom_id.partition("~")[0].split(":")
    try:
        return _parse_parts(parts) if version == "h1" else None
    except ValueError:
        return None


def decode_marker(custom_id: str) -> str | None:
    """Return the marker of an id of ours, whatever its version or verb: "" without one, None if not ours."""
    match = _OURS.fullmatch(custom_id)
    return None if match is None else match["marker"] or ""


def _format_parts(action: Action) -> list[str]:
    """Return verb and fields, without those at the end that have their default."""
    verb, forms = _FORMS[type(action)]
    if forms == (_NESTED,):
        return [verb, *_format_parts(action.action)]  # type: ignore[union-attr]  # Share and OpenCopy have one
    values = [(getattr(action, field.name), field.default) for field in _FIELDS[type(action)]]
    while values and values[-1][0] == values[-1][1]:
        values.pop()
    return [verb, *(form.format(value) for form, (value, _) in zip(forms, values, strict=False))]


def _parse_parts(parts: list[str]) -> Action | None:
    verb, *texts = parts
    if verb not in _ACTIONS:
        return None  # a verb of a later version: not ours to guess
    action, forms = _ACTIONS[verb]
    if forms == (_NESTED,):
        nested = _parse_parts(texts) if texts else None
        return action(nested) if isinstance(nested, actions.QuestionAction) else None
    if not _count_required(action) <= len(texts) <= len(forms):
        return None
    made: Action = action(*(_parse_field(form, text) for form, text in zip(forms, texts, strict=False)))
    return made


def _parse_field(form: _Field, text: str) -> Any:
    if form.pattern.fullmatch(text) is None:
        raise ValueError(text)
    return form.parse(text)


def _count_required(action: type[Any]) -> int:
    return sum(field.default is MISSING for field in _FIELDS[action])
