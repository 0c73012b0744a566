-- What sending exactly once needs besides the promises: steps after a message, corrections, retries, troubles told.

-- digest, or a notice to whoever runs one.
ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'digest';
-- The kind of its target, said here too so that channels' can be told from members' without a look elsewhere.
ALTER TABLE deliveries ADD COLUMN recipient TEXT NOT NULL DEFAULT 'channel';
-- The revisions of the editions, in their order; [] where they are not known, and such are never corrected.
ALTER TABLE deliveries ADD COLUMN revisions TEXT NOT NULL DEFAULT '[]';
-- When it could have been sent first: at its hour, or once the post was there.
ALTER TABLE deliveries ADD COLUMN due_at TEXT;
ALTER TABLE deliveries ADD COLUMN retry_at TEXT;
-- How often the message was found where it was looked for: more than one would be a digest that came twice.
ALTER TABLE deliveries ADD COLUMN copies INTEGER NOT NULL DEFAULT 1;

-- The newest of the editions, so that what a subscription was sent lately is found without reading all of it.
ALTER TABLE deliveries ADD COLUMN last_edition TEXT;

UPDATE deliveries SET last_edition = (SELECT max(value) FROM json_each(editions));
UPDATE deliveries SET recipient = (SELECT kind FROM targets WHERE targets.id = target_id);

-- All that the figures of /status ask for, so that they are counted without reading the rows.
DROP INDEX deliveries_planned;
CREATE INDEX deliveries_planned ON deliveries (planned_at, kind, state, copies);

CREATE INDEX deliveries_edition ON deliveries (subscription_id, last_edition);
CREATE INDEX deliveries_waiting ON deliveries (recipient, id) WHERE state = 'pending';

-- What is to be done to a message after it was sent, in the order of the ids; each can be repeated without harm.
-- An edit's `payload` is the message as it will be, `papers` its arXiv ids as JSON.
CREATE TABLE steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'thread', 'edit')),
    payload TEXT NOT NULL,
    papers TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    planned_at TEXT NOT NULL,
    last_attempt_at TEXT,
    retry_at TEXT,
    finished_at TEXT
) STRICT;

CREATE INDEX steps_delivery ON steps (delivery_id);
CREATE INDEX steps_waiting ON steps (id) WHERE state = 'pending';

-- When whoever runs a digest was told of what is wrong with it now; NULL once a digest arrived again.
ALTER TABLE subscriptions ADD COLUMN told_at TEXT;
-- Set when the database may know less than was sent, as after a restore: what its target was sent since then is read
-- from the target's history before anything is planned for it.
ALTER TABLE subscriptions ADD COLUMN check_since TEXT;

CREATE INDEX subscriptions_unchecked ON subscriptions (id) WHERE check_since IS NOT NULL;
CREATE INDEX subscriptions_clock ON subscriptions (at, timezone, weekdays);
