"""The statements about deliveries, with what each must see to; when they are run is `deliveries`' work."""

# ruff: noqa: S608 - statements are put together from this package's own constants only

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from storage.models import Delivery
from storage.rows import DELIVERY, format_time

SELECT = f"SELECT {DELIVERY} FROM deliveries AS d JOIN targets AS t ON t.id = d.target_id"

# Said besides the state asked for, so that the index of the few open ones answers.
OPEN = ("pending", "sending", "uncertain")
IS_OPEN = "d.state IN ('pending', 'sending', 'uncertain')"

# Of (subscription, occasion) pairs, those that may be promised: the subscription is there, the occasion is not.
FIND_NEW = """
SELECT s.id, json_extract(w.value, '$[1]') FROM json_each(?) AS w
JOIN subscriptions AS s ON s.id = json_extract(w.value, '$[0]')
WHERE NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.subscription_id = s.id
                  AND d.occasion = json_extract(w.value, '$[1]'))
"""

# Ids given out here, and never a second time, as the sequence remembers the highest that ever was.
FIND_NEXT_ID = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'), 0) + 1"
FIND_PAPERS = "SELECT arxiv_id, id FROM papers WHERE arxiv_id IN (SELECT value FROM json_each(?))"

ADD = """
INSERT INTO deliveries (id, subscription_id, target_id, recipient, occasion, part, generation, kind, state, editions,
                        last_edition, revisions, payload, due_at, planned_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?)
"""
ADD_PAPER = "INSERT INTO delivery_papers (delivery_id, position, paper_id) VALUES (?, ?, ?)"
# The channel a notice goes to is the server's too, and is forgotten with it.
ADOPT_CHANNEL = """
UPDATE targets SET guild_id = (SELECT guild_id FROM subscriptions WHERE id = ?)
WHERE id = ? AND kind = 'channel' AND guild_id IS NULL
"""
ADD_STEP = "INSERT INTO steps (delivery_id, kind, payload, planned_at) VALUES (?, ?, ?, ?)"


def values_of(delivery: Delivery, number: int, target_id: int, planned_at: str | None) -> tuple[Any, ...]:
    """Return what ADD takes, of a delivery to be stored under a number."""
    d = delivery
    editions, last, revisions = _format_editions(d.editions, d.revisions)
    return (
        *(number, d.subscription_id, target_id, d.target.kind, d.occasion, d.part, d.generation, d.kind, editions),
        *(last, revisions, d.payload, _format_due(d.due_at), planned_at),
    )


@lru_cache(maxsize=64)  # those planned together are of the same few editions
def _format_editions(editions: tuple[date, ...], revisions: tuple[int, ...]) -> tuple[str, str | None, str]:
    texts = [day.isoformat() for day in editions]
    return json.dumps(texts), max(texts, default=None), json.dumps(revisions)


_format_due = lru_cache(maxsize=64)(format_time)


# When an occasion was planned, and how many of its parts are not waiting.
FIND_REPLACEABLE = """
SELECT min(planned_at), coalesce(sum(state <> 'pending'), 0) FROM deliveries WHERE subscription_id = ? AND occasion = ?
"""
DELETE_OCCASION = "DELETE FROM deliveries WHERE subscription_id = ? AND occasion = ?"

# A time of trying again is no reason to wait after the clock was set back behind the last attempt. A notice is sent
# for a paused subscription too: that it is paused is what it says.
LIST_READY = """
SELECT d.id, d.subscription_id, d.occasion,
       NOT EXISTS (SELECT 1 FROM deliveries AS b WHERE b.subscription_id = d.subscription_id
                   AND b.occasion = d.occasion AND b.part <> d.part)
FROM deliveries AS d JOIN subscriptions AS s ON s.id = d.subscription_id
WHERE d.state = 'pending' AND d.recipient = ?1
  AND (d.retry_at IS NULL OR d.retry_at <= ?2 OR d.last_attempt_at > ?2)
  AND (d.kind = 'notice' OR (s.paused_at IS NULL AND s.check_since IS NULL))
  AND NOT EXISTS (SELECT 1 FROM deliveries AS b WHERE b.subscription_id = d.subscription_id
                  AND b.occasion = d.occasion AND b.part < d.part AND b.state <> 'sent')
ORDER BY d.id LIMIT ?3
"""

LAST = f"""{SELECT}
WHERE d.id IN (SELECT (SELECT max(id) FROM deliveries WHERE subscription_id = w.value AND part = 1 AND kind = 'digest')
               FROM json_each(?) AS w)
"""

COUNT_STATES = """
SELECT state, count(*) FROM deliveries WHERE planned_at >= ? AND kind = 'digest' GROUP BY state
"""

# A part that failed with one before it failed for that one's reason.
COUNT_FAILURES = """
SELECT coalesce(iif(d.last_error = 'a part before it failed',
                    (SELECT b.last_error FROM deliveries AS b
                     WHERE b.subscription_id = d.subscription_id AND b.occasion = d.occasion AND b.part < d.part
                       AND b.state = 'failed' AND b.last_error <> d.last_error ORDER BY b.part DESC LIMIT 1),
                    d.last_error), ''), count(*)
FROM deliveries AS d WHERE d.planned_at >= ? AND d.kind = 'digest' AND d.state = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1
"""
COUNT_WAITING = f"""
SELECT count(*) FROM deliveries AS d WHERE {IS_OPEN} AND d.state <> 'uncertain' AND d.kind = 'digest'
"""

FIND_OLDEST_WAITING = f"""
SELECT min(coalesce(d.due_at, d.planned_at)) FROM deliveries AS d JOIN subscriptions AS s ON s.id = d.subscription_id
WHERE {IS_OPEN} AND d.state <> 'uncertain' AND d.kind = 'digest' AND s.paused_at IS NULL
"""

FIND_COVERED = f"""
SELECT DISTINCT d.subscription_id, e.value
FROM json_each(?) AS w JOIN deliveries AS d ON d.subscription_id = w.value AND d.last_edition >= ?
JOIN json_each(d.editions) AS e WHERE d.state = 'sent' OR {IS_OPEN}
"""

FIND_PLANNED = """
SELECT DISTINCT d.subscription_id FROM json_each(?) AS w JOIN json_each(?) AS o
JOIN deliveries AS d ON d.subscription_id = w.value AND d.occasion = o.value
"""

LIST_OUTDATED = """
SELECT DISTINCT d.subscription_id, d.occasion
FROM deliveries AS d JOIN json_each(d.editions) AS e JOIN days AS y ON y.day = e.value
WHERE d.planned_at >= ? AND d.kind = 'digest' AND d.state <> 'failed'
  AND y.revision > json_extract(d.revisions, '$[' || e.key || ']')
"""

CLAIM = """
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, last_attempt_at = ?1, retry_at = NULL,
                      first_attempt_at = coalesce(first_attempt_at, ?1)
WHERE id = ?2 AND state = 'pending' RETURNING id
"""

# One that is handed back after its subscription was deleted is withdrawn, as those are that waited then.
IS_WANTED = "EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.id = subscription_id)"

MARK_PENDING = f"""
UPDATE deliveries SET state = iif({IS_WANTED}, 'pending', 'failed'), last_error = ?, retry_at = ?,
                      finished_at = iif({IS_WANTED}, NULL, last_attempt_at)
WHERE id = ? AND state IN ('sending', 'uncertain') RETURNING state
"""

MARK_UNCERTAIN = """
UPDATE deliveries SET state = 'uncertain', last_error = ?, finished_at = ?
WHERE id = ? AND state IN ('pending', 'sending', 'uncertain') RETURNING id
"""

MARK_SENT = """
UPDATE deliveries SET state = 'sent', channel_id = ?, message_id = ?, copies = ?, last_error = NULL, retry_at = NULL,
                      finished_at = ?
WHERE id = ? AND state <> 'sent' RETURNING target_id, subscription_id, kind
"""
GIVE_PAPERS = """
INSERT INTO given (paper_id, target_id, given_at) SELECT paper_id, ?, ? FROM delivery_papers WHERE delivery_id = ?
ON CONFLICT DO NOTHING
"""
END_TROUBLE = "UPDATE subscriptions SET told_at = NULL WHERE id = ? AND told_at IS NOT NULL AND paused_at IS NULL"

MARK_FAILED = """
UPDATE deliveries SET state = 'failed', last_error = ?, finished_at = ?
WHERE id = ? AND state IN ('pending', 'sending', 'uncertain') RETURNING subscription_id, occasion, part
"""
FAIL_LATER_PARTS = """
UPDATE deliveries SET state = 'failed', last_error = 'a part before it failed', finished_at = ?
WHERE subscription_id = ? AND occasion = ? AND part > ? AND state = 'pending'
"""
EXPIRE = """
UPDATE deliveries SET state = 'failed', finished_at = ?,
       last_error = coalesce(last_error, iif(EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.id = subscription_id
                                                     AND s.paused_at IS NOT NULL), 'paused', 'too late'))
WHERE state = 'pending' AND recipient = ? AND planned_at < ? RETURNING id
"""

REDELIVER = f"""
UPDATE deliveries SET state = 'pending', generation = generation + 1, payload = ?, planned_at = ?, due_at = NULL,
                      channel_id = NULL, message_id = NULL, attempts = 0, last_error = NULL, first_attempt_at = NULL,
                      last_attempt_at = NULL, retry_at = NULL, finished_at = NULL, copies = 1
WHERE id = ? AND state IN ('sent', 'failed', 'uncertain') AND {IS_WANTED} RETURNING id
"""

REDO_STEPS = """
UPDATE steps SET state = 'pending', attempts = 0, last_error = NULL, last_attempt_at = NULL, retry_at = NULL,
                 finished_at = NULL
WHERE delivery_id = ? AND kind <> 'edit'
"""

PRUNE = "DELETE FROM deliveries WHERE planned_at < ? AND state IN ('sent', 'failed') RETURNING id"

MARK_GIVEN = """
INSERT INTO given (paper_id, target_id, given_at) VALUES ((SELECT id FROM papers WHERE arxiv_id = ?), ?, ?)
ON CONFLICT DO NOTHING
"""

# Papers that none of the targets' neighbours were given need no look for each target, and most are such: the key has
# the paper first, so a paper is looked up once for all of them.
GIVEN = """
WITH target AS MATERIALIZED (
         SELECT t.id, t.kind, t.platform_id FROM json_each(?1) AS k CROSS JOIN json_each(k.value) AS w
         CROSS JOIN targets AS t ON t.kind = k.key AND t.platform_id = w.value
         ORDER BY t.id),
     asked AS MATERIALIZED (SELECT id, arxiv_id FROM papers WHERE arxiv_id IN (SELECT value FROM json_each(?2))),
     span AS MATERIALIZED (SELECT min(id) AS low, max(id) AS high FROM target),
     touched AS MATERIALIZED (SELECT asked.id, asked.arxiv_id FROM asked CROSS JOIN span
                              WHERE EXISTS (SELECT 1 FROM given AS g WHERE g.paper_id = asked.id
                                            AND g.target_id BETWEEN span.low AND span.high))
SELECT target.kind, target.platform_id, touched.arxiv_id FROM touched CROSS JOIN target
WHERE EXISTS (SELECT 1 FROM given AS g WHERE g.paper_id = touched.id AND g.target_id = target.id)
UNION
SELECT target.kind, target.platform_id, asked.arxiv_id
FROM target CROSS JOIN deliveries AS d ON d.target_id = target.id AND d.state IN ('pending', 'sending', 'uncertain')
CROSS JOIN delivery_papers AS dp ON dp.delivery_id = d.id CROSS JOIN asked ON asked.id = dp.paper_id
"""
