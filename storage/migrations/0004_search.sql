-- Search that stays fast with millions of papers: words are kept in the order of how hot their papers are, and what
-- each paper's words weigh is kept beside it. The rows are made from `appearances` by the program, day by day,
-- beginning with the days in `unindexed`; to make all anew, put every day in there.

DROP TABLE paper_text;
DROP TABLE title_text;
DROP VIEW searchable;

-- Where the paper stood on that day: the smaller the hotter. NULL until it is indexed.
ALTER TABLE appearances ADD COLUMN key INTEGER;
ALTER TABLE papers DROP COLUMN boost;

-- One row an appearance: `length` is how many words the paper's own text has, `repeated` its words that count more than
-- once and their weights. Narrow, so that hundreds of rows that lie apart are few pages.
CREATE TABLE shelf (
    key INTEGER PRIMARY KEY,
    paper_id INTEGER NOT NULL REFERENCES papers (id),
    length INTEGER NOT NULL,
    repeated BLOB NOT NULL
) STRICT;

-- All else that is there: words that count once, names, topics.
CREATE TABLE shelf_rest (
    key INTEGER PRIMARY KEY,
    single BLOB NOT NULL
) STRICT;

-- Which appearances have a word: rowid is the key. The words come finished, one a token.
CREATE VIRTUAL TABLE words USING fts5 (
    tokens,
    content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '^=_'"
);

-- In how many appearances a word is; `level` is the logarithm of that, for the words of titles only, which are suggested
-- by the beginnings people type.
CREATE TABLE terms (
    term TEXT PRIMARY KEY,
    df INTEGER NOT NULL,
    level INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX terms_level ON terms (level, term) WHERE level IS NOT NULL;

-- What is on each shelf: its appearances and their words.
CREATE TABLE shelves (
    shelf INTEGER PRIMARY KEY,
    papers INTEGER NOT NULL,
    words INTEGER NOT NULL
) STRICT;

INSERT INTO shelves (shelf, papers, words)
VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (6, 0, 0), (7, 0, 0);

-- The days of an older database that are not indexed yet.
CREATE TABLE unindexed (day TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

INSERT INTO unindexed (day) SELECT day FROM days;
