-- What a bot in a chat platform keeps: more of each subscription, servers, members, and why a digest came or not.

ALTER TABLE subscriptions ADD COLUMN only TEXT NOT NULL DEFAULT 'all';
ALTER TABLE subscriptions ADD COLUMN channel_kind TEXT NOT NULL DEFAULT 'text';
ALTER TABLE subscriptions ADD COLUMN guild_id TEXT;
ALTER TABLE subscriptions ADD COLUMN created_by TEXT;
ALTER TABLE subscriptions ADD COLUMN mention TEXT;
ALTER TABLE subscriptions ADD COLUMN has_thread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN is_published INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN tag TEXT;
ALTER TABLE subscriptions ADD COLUMN has_quiet_line INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE subscriptions ADD COLUMN paused_at TEXT;
ALTER TABLE subscriptions ADD COLUMN pause_reason TEXT;

UPDATE subscriptions SET channel_kind = CASE (SELECT kind FROM targets WHERE targets.id = target_id)
    WHEN 'member' THEN 'dm' WHEN 'page' THEN 'page' ELSE 'text' END;

CREATE INDEX subscriptions_guild ON subscriptions (guild_id) WHERE guild_id IS NOT NULL;

-- The server that a channel belongs to outlives its subscriptions, so that all of a server can be forgotten;
-- `channel_id` is the direct-message channel that was opened for a member.
ALTER TABLE targets ADD COLUMN guild_id TEXT;
ALTER TABLE targets ADD COLUMN channel_id TEXT;

CREATE INDEX targets_guild ON targets (guild_id) WHERE guild_id IS NOT NULL;

-- AUTOINCREMENT, which only a new table can have: deliveries are deleted now, and what is in hand for a deleted one
-- must never be recorded for another that was given its id.
CREATE TABLE new_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL REFERENCES targets (id),
    occasion TEXT NOT NULL,
    part INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'uncertain')),
    editions TEXT NOT NULL,
    payload TEXT NOT NULL,
    channel_id TEXT,
    message_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    planned_at TEXT NOT NULL,
    first_attempt_at TEXT,
    last_attempt_at TEXT,
    finished_at TEXT,
    UNIQUE (subscription_id, occasion, part)
) STRICT;

INSERT INTO new_deliveries (
    id, subscription_id, target_id, occasion, part, generation, state, editions, payload, channel_id, message_id,
    attempts, last_error, planned_at, first_attempt_at, last_attempt_at, finished_at
)
SELECT
    id, subscription_id, target_id, occasion, part, generation, state, editions, payload, channel_id, message_id,
    attempts, last_error, planned_at, first_attempt_at, last_attempt_at, finished_at
FROM deliveries;

CREATE TABLE new_delivery_papers (
    delivery_id INTEGER NOT NULL REFERENCES new_deliveries (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    PRIMARY KEY (delivery_id, position)
) STRICT, WITHOUT ROWID;

INSERT INTO new_delivery_papers (delivery_id, position, paper_id)
SELECT delivery_id, position, paper_id FROM delivery_papers;

-- The papers first: dropping a table deletes its rows, and with them what refers to them.
DROP TABLE delivery_papers;
DROP TABLE deliveries;
ALTER TABLE new_deliveries RENAME TO deliveries;
ALTER TABLE new_delivery_papers RENAME TO delivery_papers;

-- The few that are not done with yet; and what holds papers back from a target, or is to be forgotten with it.
CREATE INDEX deliveries_open ON deliveries (state) WHERE state IN ('pending', 'sending', 'uncertain');
CREATE INDEX deliveries_target ON deliveries (target_id, state);
CREATE INDEX deliveries_first ON deliveries (subscription_id) WHERE part = 1;
CREATE INDEX deliveries_planned ON deliveries (planned_at, state);
CREATE INDEX given_target ON given (target_id);

-- The papers that members keep for themselves.
CREATE TABLE saved (
    id INTEGER PRIMARY KEY,
    target_id INTEGER NOT NULL REFERENCES targets (id),
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    saved_at TEXT NOT NULL,
    UNIQUE (target_id, paper_id)
) STRICT;

-- Servers; one that was left keeps its settings until it is pruned.
CREATE TABLE guilds (
    guild_id TEXT PRIMARY KEY,
    language TEXT NOT NULL,
    joined_at TEXT NOT NULL,
    left_at TEXT
) STRICT, WITHOUT ROWID;

-- What became of an occasion and why; `reason` is JSON.
CREATE TABLE occasions (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (subscription_id, occasion)
) STRICT, WITHOUT ROWID;

-- When each source of posts was last reached, and when that last failed; `detail` is of the later of the two.
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    ok_at TEXT,
    failed_at TEXT,
    detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Single values under a name.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
