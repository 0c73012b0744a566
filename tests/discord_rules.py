"""Discord's rules for a message, checked on its JSON, independent of the code that builds it.

Sources: Discord's documentation of Create Message, Component Reference and Message Flags; `check_schema` reads
Discord's own OpenAPI specification, of which it understands what the message schemas use. Texts are measured
in UTF-16 units, the stricter of the two ways a client may count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ROW, BUTTON, SELECTS, SECTION, TEXT, FILE, SEPARATOR, CONTAINER = 1, 2, (3, 5, 6, 7, 8), 9, 10, 13, 14, 17
LINK_STYLE, PREMIUM_STYLE = 5, 6
SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 12, 1 << 15
OUR_LINKS = re.compile(
    r"https://(?:arxiv\.org/(?:abs|pdf)/[A-Za-z0-9./-]+|(?:twitter|x)\.com/\w{1,20}/status/\d{1,20})"
)
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
_PING = re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>", re.IGNORECASE)  # read before any escape
_LIVE = re.compile(
    r"<a?:\w+:\d+>|<t:-?\d+(?::\w)?>|</[^>]*:\d+>|<id:\w+>|[a-z][a-z0-9+.-]*://|<[^\s<>]+@[^\s<>]+>|discord\.gg/",
    re.IGNORECASE,
)


def measure(text: str) -> int:
    """Return the UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every component, nested ones and accessories included."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        if "accessory" in component:
            yield component["accessory"]


def get_texts(payload: dict[str, Any]) -> list[str]:
    """Return every piece of markdown a message shows."""
    shown = [component["content"] for component in walk(payload["components"]) if component["type"] == TEXT]
    return [payload["content"], *shown] if payload.get("content") else shown


def find_violations(payload: dict[str, Any]) -> list[str]:
    """Return what Discord would refuse about a message, a line each; none when it would take it."""
    components = payload.get("components", [])
    every = list(walk(components))
    ids = [component["custom_id"] for component in every if "custom_id" in component]
    found = [f"custom id twice: {one}" for one in {one for one in ids if ids.count(one) > 1}]
    for component in every:
        found += _find_component_violations(component)
    if payload.get("flags", 0) & COMPONENTS_V2:
        return found + _find_v2_violations(payload, every)
    return found + _find_classic_violations(payload, components)


def _find_v2_violations(payload: dict[str, Any], every: list[dict[str, Any]]) -> list[str]:
    found = [f"not allowed with components v2: {key}" for key in ("content", "embeds", "poll") if payload.get(key)]
    total = sum(measure(component["content"]) for component in every if component["type"] == TEXT)
    if total > 4000:
        found.append(f"{total} characters of text, 4000 allowed")
    if not 1 <= len(every) <= 40:
        found.append(f"{len(every)} components, 1 to 40 allowed")
    found += [f"type {one['type']} at the top" for one in payload["components"] if one["type"] == BUTTON]
    return found


def _find_classic_violations(payload: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    content = payload.get("content") or ""
    found = [f"type {row['type']} at the top without components v2" for row in rows if row["type"] != ROW]
    if not content.strip():
        found.append("empty content")
    if measure(content) > 2000:
        found.append(f"{measure(content)} characters of content, 2000 allowed")
    if len(rows) > 5:
        found.append(f"{len(rows)} rows, 5 allowed")
    return found


def _find_component_violations(component: dict[str, Any]) -> list[str]:
    kind, inner = component["type"], component.get("components", [])
    if kind == BUTTON:
        return _find_button_violations(component)
    if kind == ROW:
        buttons = sum(one["type"] == BUTTON for one in inner)
        fits = 1 <= buttons <= 5 if buttons == len(inner) else len(inner) == 1 and inner[0]["type"] in SELECTS
        return [] if fits else [f"a row of {[one['type'] for one in inner]}"]
    if kind == SECTION:
        fits = 1 <= len(inner) <= 3 and all(one["type"] == TEXT for one in inner) and "accessory" in component
        return [] if fits else ["a section needs 1 to 3 texts and an accessory"]
    if kind == TEXT:
        return [] if component["content"].strip() else ["an empty text"]
    if kind == CONTAINER:
        wrong = [one["type"] for one in inner if one["type"] not in (ROW, SECTION, TEXT, 12, FILE, SEPARATOR)]
        return [f"in a container: {wrong}"] if wrong or not inner else []
    if kind == FILE:
        url = component["file"]["url"]
        # An attachment by its name when it is sent, and where Discord keeps it when it is read.
        return [] if url.startswith(("attachment://", "http")) else [f"a file from {url!r}, an attachment is needed"]
    if kind in SELECTS:
        return _find_select_violations(component)
    return [] if kind == SEPARATOR else [f"unknown type {kind}"]


def _find_select_violations(select: dict[str, Any]) -> list[str]:
    options, least, most = select.get("options", []), select.get("min_values", 1), select.get("max_values", 1)
    chosen, values = sum(option.get("default", False) for option in options), [one["value"] for one in options]
    found = [f"custom id of a select {select['custom_id']!r}"] if not 1 <= measure(select["custom_id"]) <= 100 else []
    if measure(select.get("placeholder") or "") > 150:
        found.append("placeholder: 150 characters allowed")
    if not 0 <= least <= most <= 25:
        found.append(f"{least} to {most} values")
    if select["type"] == SELECTS[0] and not (1 <= len(options) <= 25 and most <= len(options) and chosen <= most):
        found.append(f"{len(options)} options, {chosen} of them chosen, {most} allowed")
    found += [f"value twice: {value}" for value in set(values) if values.count(value) > 1]
    for text in (text for one in options for text in (one["label"], one["value"], one.get("description") or "-")):
        if not text.strip() or measure(text) > 100:
            found.append(f"of an option: {text!r}, 1 to 100 characters")
    return found


def _find_button_violations(button: dict[str, Any]) -> list[str]:
    found = []
    label, custom_id, url = button.get("label") or "", button.get("custom_id"), button.get("url")
    if measure(label) > 80 or not (label.strip() or button.get("emoji")):
        found.append(f"label {label!r}: 1 to 80 characters")
    if (button["style"] == LINK_STYLE) != (url is not None) or (url is None) == (custom_id is None):
        found.append("a link button has a url and no custom id, any other the reverse")
    if custom_id is not None and not 1 <= measure(custom_id) <= 100:
        found.append(f"custom id of {measure(custom_id)} characters: {custom_id!r}")
    if url is not None and (measure(url) > 512 or not url.startswith(("https://", "http://"))):
        found.append(f"url {url!r}")
    return found


def find_live_markup(text: str) -> list[str]:
    """Return what strangers could have smuggled into a text: pings, foreign links, bidi overrides, fences.

    Links that a message of ours may have (arXiv and single posts, masked) are taken out before looking.
    """
    links = re.findall(r"\]\((\S*?)\)", text)
    found = [f"a link to {link}" for link in links if not OUR_LINKS.fullmatch(link)]
    rest = re.sub(r"\]\(" + OUR_LINKS.pattern + r"\)", "]", text)
    found += [f"bidi control U+{ord(char):04X}" for char in rest if char in _BIDI]
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "·", rest)  # what Discord takes for an escape
    found += [f"live: {match[0]}" for match in [*_PING.finditer(rest), *_LIVE.finditer(unescaped)]]
    found += [f"odd number of {sign}" for sign in ("||", "```", "**", "~~") if unescaped.count(sign) % 2]
    return found


def find_schema_violations(value: Any, schema: dict[str, Any], spec: dict[str, Any], path: str = "$") -> list[str]:
    """Return where a JSON value breaks a schema of Discord's OpenAPI specification; additions are allowed."""
    if "$ref" in schema:
        named: dict[str, Any] = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return find_schema_violations(value, named, spec, path)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            attempts = [find_schema_violations(value, one, spec, path) for one in _pick(value, schema[choice], spec)]
            if all(attempts):
                return min(attempts, key=len)
    found = [f"{path}: not {schema['type']}"] if not _has_type(value, schema.get("type")) else []
    if ("const" in schema and value != schema["const"]) or ("enum" in schema and value not in schema["enum"]):
        found.append(f"{path}: {value!r} is not allowed")
    return found + _find_inner_violations(value, schema, spec, path)


def _find_inner_violations(value: Any, schema: dict[str, Any], spec: dict[str, Any], path: str) -> list[str]:
    found = []
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{path}: {key} is missing" for key in schema.get("required", ()) if key not in value]
        for key in properties.keys() & value.keys():
            found += find_schema_violations(value[key], properties[key], spec, f"{path}.{key}")
    if isinstance(value, list):
        found += _find_range_violations(len(value), schema.get("minItems"), schema.get("maxItems"), path)
        for index, item in enumerate(value):
            found += find_schema_violations(item, schema.get("items", {}), spec, f"{path}[{index}]")
    if isinstance(value, str):
        found += _find_range_violations(measure(value), schema.get("minLength"), schema.get("maxLength"), path)
    return found


def _find_range_violations(size: int, least: int | None, most: int | None, path: str) -> list[str]:
    fits = (least is None or size >= least) and (most is None or size <= most)
    return [] if fits else [f"{path}: size {size}, {least} to {most} allowed"]


def _pick(value: Any, options: list[dict[str, Any]], spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the options for a component's type where they are components, for a message that helps."""
    if not isinstance(value, dict) or "type" not in value:
        return options
    named = [spec["components"]["schemas"].get(one.get("$ref", "").rsplit("/", 1)[-1], one) for one in options]
    fitting = [
        one for one in named if value["type"] in one.get("properties", {}).get("type", {}).get("enum", [value["type"]])
    ]
    return fitting or named


def _has_type(value: Any, types: str | list[str] | None) -> bool:
    known = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return types is None or any(known[one] for one in ([types] if isinstance(types, str) else types))
