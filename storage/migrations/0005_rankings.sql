-- Rankings that stay fast whatever the period: within a day, a topic's papers are in the order of their heat, so that
-- the hottest of a day are found without reading the day.

CREATE TABLE new_topic_index (
    topic_id INTEGER NOT NULL REFERENCES topics (id),
    day TEXT NOT NULL,
    score REAL NOT NULL,
    rank INTEGER NOT NULL,
    appearance_id INTEGER NOT NULL,
    arxiv_id TEXT NOT NULL,
    PRIMARY KEY (topic_id, day, score DESC, rank)
) STRICT, WITHOUT ROWID;

INSERT INTO new_topic_index (topic_id, day, score, rank, appearance_id, arxiv_id)
SELECT topic_id, day, score, rank, appearance_id, arxiv_id FROM topic_index ORDER BY topic_id, day, score DESC, rank;

DROP TABLE topic_index;
ALTER TABLE new_topic_index RENAME TO topic_index;

CREATE INDEX topic_scores ON topic_index (topic_id, score DESC, rank, arxiv_id, day DESC, appearance_id);
