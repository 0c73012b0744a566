"""Leaves traces of a target all over a store, and finds whatever is left of them."""

from __future__ import annotations

from typing import Any

from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import NOW, TODAY


async def read_tables(store: Store) -> dict[str, list[Any]]:
    """Return every row of every table that keeps rows of its own."""
    names = await store._database.fetch(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'words%' AND name <> 'sqlite_sequence' "
        "ORDER BY name"
    )
    return {name: await store._database.fetch(f"SELECT * FROM {name}") for (name,) in names}


async def use_everything(store: Store, target: Target) -> None:
    """Leave a trace of a target wherever one can be left; papers 2104.00001 and 2104.00002 must be stored."""
    order = await store.subscriptions.add(Subscription(target, guild_id="9" if target.kind == "channel" else None))
    assert order.id is not None
    parts = [
        Delivery(order.id, target, occasion, (TODAY,), ("2104.00001",), f"for {target.id}")
        for occasion in ("1", "2", "3", "4", "5")
    ]
    sent, failed, uncertain, sending, _ = await store.deliveries.add(parts, NOW)
    await store.deliveries.mark_sent(sent, "1", "2", NOW)
    await store.deliveries.mark_failed(failed, "no", NOW)
    await store.deliveries.mark_uncertain(uncertain, "?", NOW)
    await store.deliveries.claim(sending, NOW)
    await store.deliveries.mark_given(target, ["2104.00002"], NOW)
    await store.occasions.record(order.id, "1", "{}", NOW)
    await store.members.save(target, "2104.00002", NOW)
    await store.members.set_channel(target, "55")
