-- Where days are scored on different scales, papers are ranked by what share of their own day's papers are less hot. It
-- is kept for each, in the order in which it is asked for.

CREATE TABLE new_topic_index (
    topic_id INTEGER NOT NULL REFERENCES topics (id),
    day TEXT NOT NULL,
    score REAL NOT NULL,
    rank INTEGER NOT NULL,
    percentile REAL NOT NULL,
    appearance_id INTEGER NOT NULL,
    arxiv_id TEXT NOT NULL,
    PRIMARY KEY (topic_id, day, score DESC, rank)
) STRICT, WITHOUT ROWID;

WITH placed AS MATERIALIZED (
    SELECT id, row_number() OVER (PARTITION BY day ORDER BY score DESC, rank) AS place,
           count(*) OVER (PARTITION BY day) AS size
    FROM appearances
)
INSERT INTO new_topic_index (topic_id, day, score, rank, percentile, appearance_id, arxiv_id)
SELECT i.topic_id, i.day, i.score, i.rank, (p.size - p.place) * 1.0 / p.size, i.appearance_id, i.arxiv_id
FROM topic_index AS i JOIN placed AS p ON p.id = i.appearance_id
ORDER BY i.topic_id, i.day, i.score DESC, i.rank;

DROP TABLE topic_index;
ALTER TABLE new_topic_index RENAME TO topic_index;

CREATE INDEX topic_scores ON topic_index (topic_id, score DESC, rank, arxiv_id, day DESC, appearance_id);
CREATE INDEX topic_percentiles ON topic_index (topic_id, percentile DESC, day DESC, rank, arxiv_id, appearance_id);
