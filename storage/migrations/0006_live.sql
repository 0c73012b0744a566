-- Live posts: what sources were found to say of papers, kept raw, and the scores that came of it.

-- How the score came about: JSON [version, is_provisional, [[source, count, heat], …]], the hottest source first;
-- NULL for a published sum. The two are never compared: `days.is_live` says which of them a day's papers have.
ALTER TABLE appearances ADD COLUMN breakdown TEXT;
ALTER TABLE days ADD COLUMN is_live INTEGER NOT NULL DEFAULT 0;

CREATE INDEX days_live ON days (day) WHERE is_live;

-- A public thing about papers: a post, a story, a page of votes. `key` is its identity at the source.
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    text TEXT NOT NULL,
    lang TEXT,
    author TEXT NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT,
    began_at TEXT NOT NULL, -- when it was made, or first seen where the source does not say
    UNIQUE (source, key)
) STRICT;

CREATE INDEX items_began ON items (source, began_at);

-- Which papers an item is about; these need not have appeared in any post.
CREATE TABLE item_papers (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    arxiv_id TEXT NOT NULL,
    PRIMARY KEY (item_id, arxiv_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_papers_paper ON item_papers (arxiv_id);

-- One count of an item at one time; the key leads to the newest of a metric.
CREATE TABLE counts (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    metric TEXT NOT NULL,
    observed_at TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (item_id, metric, observed_at)
) STRICT, WITHOUT ROWID;

CREATE VIEW observations AS
SELECT p.arxiv_id AS paper, i.source, i.key AS item, c.metric, c.value, c.observed_at
FROM counts AS c JOIN items AS i ON i.id = c.item_id JOIN item_papers AS p ON p.item_id = c.item_id;

-- Items that their authors deleted, for as long as a source may tell of them again.
CREATE TABLE gone_items (
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    gone_at TEXT NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

-- What sources say of papers that may come into a post; lists are a name a line, as in `appearances`.
CREATE TABLE candidates (
    arxiv_id TEXT NOT NULL,
    source TEXT NOT NULL,
    version INTEGER,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    categories TEXT NOT NULL,
    abstract TEXT NOT NULL,
    has_pdf INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (arxiv_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE withdrawn (
    arxiv_id TEXT PRIMARY KEY,
    seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What arXiv announced on a day of US Eastern time: kind is new, cross, replace or replace-cross.
CREATE TABLE announcements (
    day TEXT NOT NULL,
    arxiv_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (day, arxiv_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX announcements_paper ON announcements (arxiv_id, kind);

-- The live scores of a day, whether its post printed the paper or not; kept when what they came of is pruned.
CREATE TABLE scores (
    day TEXT NOT NULL,
    arxiv_id TEXT NOT NULL,
    score REAL NOT NULL,
    breakdown TEXT NOT NULL,
    engagement TEXT NOT NULL,
    scored_at TEXT NOT NULL,
    PRIMARY KEY (day, arxiv_id)
) STRICT, WITHOUT ROWID;

-- Where reading a source goes on: a position in its stream, an etag.
CREATE TABLE cursors (
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
