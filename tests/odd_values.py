"""Strategies for values from strangers' programs: as specified most of the time, and anything else in any part."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_ELSE = (
    None, True, False, 0, -1, 1.5, float("nan"), 10**40, "", "x", "\0", "\ud800", [], {}, [[]], [None], {"uri": []},
)  # fmt: skip


def odd(*values: Any) -> st.SearchStrategy[Any]:
    """Return one of these values, or now and then something else."""
    return odd_one(st.sampled_from(values))


def odd_one(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what a strategy does, or now and then something else."""
    return st.integers(0, 15).flatmap(lambda die: st.sampled_from(_ELSE) if die == 15 else strategy)


def odd_lists(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return short lists, or now and then something else."""
    return odd_one(st.lists(strategy, min_size=1, max_size=2))


def odd_parts(parts: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Return objects with these parts, of which some may be absent, or now and then something else."""
    whole = st.fixed_dictionaries(parts)
    some = st.fixed_dictionaries({}, optional=parts)
    return odd_one(st.integers(0, 7).flatmap(lambda die: some if die == 7 else whole))
