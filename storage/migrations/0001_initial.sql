-- The first schema. What a post printed lives in `appearances`; `papers`, `topic_index`, `paper_text` and
-- `title_text` are derived from it in the same transaction. A migration that changes the view `searchable`
-- has to rebuild both full-text tables: they are emptied by the very text they were filled with.

PRAGMA application_id = 1213231218; -- "HPpr" as four bytes

-- A day that was ingested; `day` is the last date its post covers.
CREATE TABLE days (
    day TEXT PRIMARY KEY,
    first_day TEXT NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    generated_at TEXT,
    source TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    paper_count INTEGER NOT NULL DEFAULT 0,
    ingested_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    is_partial INTEGER NOT NULL,
    front_matter TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX days_slug ON days (slug, day);

-- One row per arXiv id, never deleted: what targets were given points here. `current_id` is the appearance
-- whose text is searched and `best_id` the hottest one, both NULL once a paper has left every day. They declare
-- no foreign key, which would need an index each for deletes to stay fast.
CREATE TABLE papers (
    id INTEGER PRIMARY KEY,
    arxiv_id TEXT NOT NULL UNIQUE,
    current_id INTEGER,
    best_id INTEGER,
    boost REAL NOT NULL DEFAULT 1.0
) STRICT;

-- A paper in one day, as printed. `authors` and `categories` are a name a line; `topics`, `engagement`
-- ([[metric, value], …]) and `mentions` ([[author, handle, url, date, lang, text], …]) are JSON, because they
-- are always written and read with their appearance. `readable_*` is NULL where it equals the printed text.
CREATE TABLE appearances (
    id INTEGER PRIMARY KEY,
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    day TEXT NOT NULL REFERENCES days (day) ON DELETE CASCADE,
    rank INTEGER NOT NULL,
    score REAL NOT NULL,
    observed_at TEXT,
    version INTEGER,
    has_pdf INTEGER NOT NULL,
    engagement TEXT NOT NULL,
    topics TEXT NOT NULL,
    categories TEXT NOT NULL,
    title TEXT NOT NULL,
    readable_title TEXT,
    authors TEXT NOT NULL,
    abstract TEXT NOT NULL,
    readable_abstract TEXT,
    mentions TEXT NOT NULL,
    UNIQUE (paper_id, day),
    UNIQUE (day, rank)
) STRICT;

-- The pairs as rows, for questions about one metric or one author.
CREATE VIEW engagement AS
SELECT a.paper_id, a.day, json_extract(e.value, '$[0]') AS metric, json_extract(e.value, '$[1]') AS value
FROM appearances AS a JOIN json_each(a.engagement) AS e;

CREATE VIEW mentions AS
SELECT
    a.paper_id,
    a.day,
    m.key AS position,
    json_extract(m.value, '$[0]') AS author,
    json_extract(m.value, '$[1]') AS handle,
    json_extract(m.value, '$[2]') AS url,
    json_extract(m.value, '$[3]') AS date,
    json_extract(m.value, '$[4]') AS lang,
    json_extract(m.value, '$[5]') AS text
FROM appearances AS a JOIN json_each(a.mentions) AS m;

-- Categories and archives; the empty name stands for every paper. `size` is how many rows of `topic_index` a topic
-- has, which decides how to read them.
CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Which appearances belong to a topic: by day through the key, hottest first through the index.
CREATE TABLE topic_index (
    topic_id INTEGER NOT NULL REFERENCES topics (id),
    day TEXT NOT NULL,
    appearance_id INTEGER NOT NULL,
    score REAL NOT NULL,
    rank INTEGER NOT NULL,
    arxiv_id TEXT NOT NULL,
    PRIMARY KEY (topic_id, day, appearance_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX topic_scores ON topic_index (topic_id, score DESC, rank, arxiv_id, day DESC);

-- What is searched of a paper. Topics become one token each ("cs.LG" is cs0LG).
CREATE VIEW searchable AS
SELECT
    p.id,
    coalesce(a.readable_title, a.title) AS title,
    a.authors,
    coalesce(a.readable_abstract, a.abstract) AS abstract,
    replace(replace(a.topics, '.', '0'), '-', '0') AS topics
FROM papers AS p JOIN appearances AS a ON a.id = p.current_id;

CREATE VIRTUAL TABLE paper_text USING fts5 (
    title, authors, abstract, topics,
    content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

-- Titles alone, for completion: prefix indexes over whole abstracts would double the cost of ingesting.
CREATE VIRTUAL TABLE title_text USING fts5 (
    title,
    content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3', columnsize = 0
);

-- What the last scan saw of each file; the path is bytes, because a file's name need not be UTF-8.
CREATE TABLE files (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    scanned_ns INTEGER NOT NULL,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Questions whose answers have pages, under a key short enough for a button.
CREATE TABLE queries (
    key TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    used_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    UNIQUE (kind, platform_id)
) STRICT;

-- AUTOINCREMENT: a delivery's identity includes this id, so it must never be used a second time.
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_id INTEGER NOT NULL REFERENCES targets (id),
    categories TEXT NOT NULL,
    count INTEGER NOT NULL,
    at TEXT NOT NULL,
    timezone TEXT NOT NULL,
    weekdays TEXT NOT NULL,
    created_at TEXT,
    created_edition TEXT
) STRICT;

CREATE INDEX subscriptions_target ON subscriptions (target_id);

-- One message that was promised. `subscription_id` names no foreign key: the record outlives the subscription.
-- `payload` is frozen when planned. `generation` grows when a delivery is repeated on request.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
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

-- The few that still hold their papers back from other digests of the same target.
CREATE INDEX deliveries_open ON deliveries (target_id) WHERE state IN ('pending', 'sending', 'uncertain');

CREATE TABLE delivery_papers (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    PRIMARY KEY (delivery_id, position)
) STRICT, WITHOUT ROWID;

-- What each target has been given; the paper comes first, as most papers were given to nobody yet.
CREATE TABLE given (
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    target_id INTEGER NOT NULL REFERENCES targets (id),
    given_at TEXT NOT NULL,
    PRIMARY KEY (paper_id, target_id)
) STRICT, WITHOUT ROWID;
