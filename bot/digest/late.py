"""Patterns that are compiled when they are first used: the large ones would take a tenth of the time to start."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn", "pattern")


class _Late:
    """Stands for a pattern; from its first use on its methods are the pattern's own, at no cost."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern; what it has is found without coming here from now on."""
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def compile_late(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` would, compiled on first use; a bad pattern is found out only then."""
    return cast("re.Pattern[str]", _Late(source, flags))
