"""Discord's rules for components in messages and modals, by its Component Reference. Pure.

Every rule yields `Problem`s with the path Discord would name; sizes are in UTF-16 units, as in `discord_rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.discord_rules import measure
from tests.discord_server.refusals import Problem

Path = tuple[str | int, ...]
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, SECTION, TEXT = 1, 2, 3, 4, 9, 10
THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD = 11, 12, 13, 14, 17, 18, 19
SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6
IN_LABEL = (*SELECTS, TEXT_INPUT, UPLOAD, 21, 22, 23)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
MOST_COMPONENTS, MOST_TEXT = 40, 4000


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every component of a message or modal, nested ones, accessories and labelled ones included."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("accessory", "component"):
            if component.get(key):
                yield component[key]


def find_component_problems(components: list[dict[str, Any]], *, v2: bool, files: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with a message's components; `files` are the names attached to it."""
    allowed = (*IN_CONTAINER, CONTAINER) if v2 else (ROW,)
    most = MOST_COMPONENTS if v2 else 5
    if len(components) > most:
        yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length.")
    yield from _find_children_problems(components, ("components",), allowed, files)
    every = list(walk(components))
    if len(every) > MOST_COMPONENTS:
        text = f"The total number of components cannot exceed {MOST_COMPONENTS}"
        yield Problem(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    if sum(measure(one.get("content") or "") for one in every if one.get("type") == TEXT) > MOST_TEXT:
        text = f"Total displayable text cannot exceed {MOST_TEXT}"
        yield Problem(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)
    yield from _find_double_ids(every)


def find_modal_problems(modal: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with a modal: title, custom id, one to five rows, labels and texts."""
    yield from find_length_problems(modal, "title", 1, 45, ("data",))
    yield from find_length_problems(modal, "custom_id", 1, 100, ("data",))
    components = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        yield Problem(("data", "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    yield from _find_children_problems(components, ("data", "components"), (ROW, TEXT, LABEL), set(), modal=True)
    yield from _find_double_ids(list(walk(components)))


def find_length_problems(
    values: dict[str, Any], key: str, least: int, most: int, path: Path, *, required: bool = True
) -> Iterator[Problem]:
    """Yield a problem where a text is missing, blank or not between two sizes."""
    value = values.get(key)
    if value is None or value == "":
        if required:
            yield Problem((*path, key), "BASE_TYPE_REQUIRED", "This field is required")
    elif not isinstance(value, str):
        yield Problem((*path, key), "BASE_TYPE_STRING", "Not a string.")
    elif not least <= measure(value) <= most or (least and not value.strip()):
        yield Problem((*path, key), "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")


def _find_double_ids(every: list[dict[str, Any]]) -> Iterator[Problem]:
    for key in ("custom_id", "id"):
        counts = Counter(one[key] for one in every if one.get(key))
        for value in (value for value, count in counts.items() if count > 1):
            yield Problem(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", f"{key} {value!r} cannot be duplicated")


def _find_children_problems(
    children: list[dict[str, Any]], path: Path, allowed: tuple[int, ...], files: set[str], *, modal: bool = False
) -> Iterator[Problem]:
    for index, child in enumerate(children):
        here = (*path, index)
        if not isinstance(child, dict) or child.get("type") not in allowed:
            yield Problem((*here, "type"), "UNION_TYPE_CHOICES", f"Value of field must be one of {allowed}.")
        else:
            yield from _find_one_problems(child, here, files, modal=modal)


def _find_one_problems(one: dict[str, Any], path: Path, files: set[str], *, modal: bool = False) -> Iterator[Problem]:
    kind, inner = one["type"], one.get("components") or []
    if kind == ROW:
        yield from _find_row_problems(inner, path, files, modal=modal)
    elif kind == BUTTON:
        yield from _find_button_problems(one, path)
    elif kind in SELECTS:
        yield from _find_select_problems(one, path)
    elif kind == TEXT:
        yield from find_length_problems(one, "content", 1, MOST_TEXT, path)
    elif kind == SECTION:
        yield from _find_section_problems(one, path, files)
    elif kind == CONTAINER:
        yield from _find_container_problems(one, path, files)
    elif kind == LABEL:
        yield from _find_label_problems(one, path)
    elif kind == TEXT_INPUT:
        yield from _find_input_problems(one, path)
    elif kind in (GALLERY, FILE, THUMBNAIL):
        yield from _find_media_problems(one, path, files)


def _find_row_problems(inner: list[dict[str, Any]], path: Path, files: set[str], *, modal: bool) -> Iterator[Problem]:
    kinds = [one.get("type") for one in inner if isinstance(one, dict)]
    lone = len(kinds) == 1 and (kinds[0] in SELECTS or (modal and kinds[0] == TEXT_INPUT))
    if not lone and not (1 <= len(kinds) <= 5 and set(kinds) == {BUTTON} and not modal):
        yield Problem((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "1 to 5 buttons or one select")
    yield from _find_children_problems(inner, (*path, "components"), (BUTTON, *SELECTS, TEXT_INPUT), files)


def _find_button_problems(button: dict[str, Any], path: Path) -> Iterator[Problem]:
    style = button.get("style")
    if style not in range(1, 7):
        yield Problem((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    yield from find_length_problems(button, "label", 0, 80, path, required=False)
    if style != PREMIUM and not (button.get("label") or button.get("emoji")):
        yield Problem(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or emoji")
    if style == LINK:
        yield from find_length_problems(button, "url", 1, 512, path)
        url = str(button.get("url") or "")
        if not url.startswith(("http://", "https://", "discord://")):
            yield Problem((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Not a well formed http, https or discord URL.")
    elif style != PREMIUM:
        yield from find_length_problems(button, "custom_id", 1, 100, path)
    wrong = "custom_id" if style == LINK else "url"
    if button.get(wrong):
        yield Problem(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", f"A button of style {style} cannot have {wrong}")


def _find_select_problems(select: dict[str, Any], path: Path) -> Iterator[Problem]:
    yield from find_length_problems(select, "custom_id", 1, 100, path)
    yield from find_length_problems(select, "placeholder", 0, 150, path, required=False)
    least, most = _get(select, "min_values", 1), _get(select, "max_values", 1)
    if not (0 <= least <= 25 and 1 <= most <= 25 and least <= most):
        yield Problem((*path, "max_values"), "BASE_TYPE_BAD_RANGE", f"{least} to {most} values")
    if select["type"] == STRING_SELECT:
        yield from _find_options_problems(select.get("options") or [], most, path)


def _find_options_problems(options: list[dict[str, Any]], most: int, path: Path) -> Iterator[Problem]:
    if not 1 <= len(options) <= 25:
        yield Problem((*path, "options"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    if len({option.get("value") for option in options}) < len(options):
        yield Problem((*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "An option value is used twice")
    if sum(bool(option.get("default")) for option in options) > most:
        yield Problem((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "More defaults than max_values")
    for index, option in enumerate(options):
        here = (*path, "options", index)
        yield from find_length_problems(option, "label", 1, 100, here)
        yield from find_length_problems(option, "value", 1, 100, here)
        yield from find_length_problems(option, "description", 0, 100, here, required=False)


def _find_section_problems(section: dict[str, Any], path: Path, files: set[str]) -> Iterator[Problem]:
    inner = section.get("components") or []
    if not 1 <= len(inner) <= 3:
        yield Problem((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3 in length.")
    yield from _find_children_problems(inner, (*path, "components"), (TEXT,), files)
    accessory = section.get("accessory")
    if not isinstance(accessory, dict) or accessory.get("type") not in (BUTTON, THUMBNAIL):
        yield Problem((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")
    else:
        yield from _find_one_problems(accessory, (*path, "accessory"), files)


def _find_container_problems(container: dict[str, Any], path: Path, files: set[str]) -> Iterator[Problem]:
    inner = container.get("components") or []
    if not inner:
        yield Problem((*path, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 40 in length.")
    yield from _find_children_problems(inner, (*path, "components"), IN_CONTAINER, files)


def _find_label_problems(label: dict[str, Any], path: Path) -> Iterator[Problem]:
    yield from find_length_problems(label, "label", 1, 45, path)
    yield from find_length_problems(label, "description", 0, 100, path, required=False)
    inner = label.get("component")
    if not isinstance(inner, dict) or inner.get("type") not in IN_LABEL:
        yield Problem((*path, "component"), "UNION_TYPE_CHOICES", f"Value of field must be one of {IN_LABEL}.")
    else:
        yield from _find_one_problems(inner, (*path, "component"), set(), modal=True)


def _find_input_problems(text: dict[str, Any], path: Path) -> Iterator[Problem]:
    yield from find_length_problems(text, "custom_id", 1, 100, path)
    yield from find_length_problems(text, "placeholder", 0, 100, path, required=False)
    yield from find_length_problems(text, "value", 0, MOST_TEXT, path, required=False)
    yield from find_length_problems(text, "label", 0, 45, path, required=False)
    if not 0 <= _get(text, "min_length", 0) <= _get(text, "max_length", MOST_TEXT) <= MOST_TEXT:
        yield Problem((*path, "max_length"), "BASE_TYPE_BAD_RANGE", "min_length 0 to max_length 4000")


def _find_media_problems(media: dict[str, Any], path: Path, files: set[str]) -> Iterator[Problem]:
    items = media.get("items") or [] if media["type"] == GALLERY else [media]
    if not 1 <= len(items) <= 10:
        yield Problem((*path, "items"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
    for item in items:
        medium = item.get("file" if media["type"] == FILE else "media") or {}
        if "attachment_id" in medium:
            continue  # stored already, and unchanged by an edit
        url = str(medium.get("url") or "")
        name = url.removeprefix("attachment://")
        if url.startswith("attachment://") and name not in files:
            yield Problem(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", f"{name} is not attached")
        elif name == url and (media["type"] == FILE or not url.startswith("https://")):
            yield Problem(path, "URL_TYPE_INVALID_SCHEME", f"{url!r} can't be shown here")


def _get(values: dict[str, Any], key: str, default: int) -> int:
    value = values.get(key)
    return default if value is None else int(value)
