"""Golden files: what people see, kept as text and compared; HOTPAPERS_UPDATE_GOLDENS=1 writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

GOLDENS = Path(__file__).parent / "goldens"


def check_golden(name: str, text: str) -> None:
    """Compare a text with tests/goldens/`name`; the difference is pytest's to show."""
    path = GOLDENS / name
    if os.environ.get("HOTPAPERS_UPDATE_GOLDENS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.is_file(), f"no golden file {name}: write it with HOTPAPERS_UPDATE_GOLDENS=1 and read it"
    assert text + "\n" == path.read_text(encoding="utf-8")


def format_payload(payload: dict[str, Any]) -> str:
    """Return a message as one reads it: its texts as they are, its buttons as [label → what it opens]."""
    lines = [payload["content"]] if payload.get("content") else []
    for component in payload["components"]:
        lines += _format_component(component)
    return "\n".join([*lines, f"(flags {payload['flags']})"])


def _format_component(component: dict[str, Any]) -> list[str]:
    inner = component.get("components", [])
    match component["type"]:
        case 10:
            return [component["content"]]
        case 14:
            return ["────────"]
        case 2:
            return [f"[{component['label']} → {component.get('custom_id') or component.get('url')}]"]
        case 1:
            return [" ".join(line for button in inner for line in _format_component(button))]
    lines = [line for one in inner for line in _format_component(one)]
    return lines + (_format_component(component["accessory"]) if "accessory" in component else [])


def format_json(payload: dict[str, Any]) -> str:
    """Return a payload as stable JSON."""
    return json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True)
