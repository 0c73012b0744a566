"""Discord's own OpenAPI specification, where a copy is at hand: requests and answers checked against its schemas."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from tests.discord_rules import find_schema_violations


@functools.cache
def read_specification(path: Path) -> Specification:
    """Read a specification's JSON file, once for a process."""
    return Specification(json.loads(path.read_text(encoding="utf-8")))


class Specification:
    """Answers what a route's body and answer must look like."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec

    def find_request_violations(self, method: str, template: str, body: Any) -> list[str]:
        """Return where a request's body breaks the specification; a body where none is foreseen too."""
        operation = self._spec["paths"].get(template, {}).get(method.lower())
        if operation is None:
            return []
        schema = _get_schema(operation.get("requestBody", {}))
        if schema is None:
            return [f"{method} {template} takes no body"] if body else []
        found = find_schema_violations(_with_written_ids(body), schema, self._spec) if body is not None else []
        return [f"{method} {template}: {one}" for one in found]

    def find_answer_violations(self, method: str, template: str, status: int, answer: Any) -> list[str]:
        """Return where an answer of this server breaks the specification."""
        operation = self._spec["paths"].get(template, {}).get(method.lower())
        if operation is None or status >= 400:
            return []
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"{method} {template} never answers {status}"]
        schema = _get_schema(response)
        found = find_schema_violations(answer, schema, self._spec) if schema is not None else []
        return [f"{method} {template} -> {status}: {one}" for one in found]


def _with_written_ids(body: Any) -> Any:
    """Return a body whose new attachments have their ids as texts: Discord takes numbers, its specification doesn't."""
    if isinstance(body, list):
        return [_with_written_ids(one) for one in body]
    if not isinstance(body, dict):
        return body
    found = {key: _with_written_ids(value) for key, value in body.items()}
    if isinstance(body.get("attachments"), list):
        found["attachments"] = [one | {"id": str(one.get("id"))} for one in found["attachments"]]
    return found


def _get_schema(described: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = described.get("content", {}).get("application/json", {}).get("schema")
    return found
