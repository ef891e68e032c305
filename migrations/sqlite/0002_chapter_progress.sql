-- Where a learner is in a chapter. position is the anchor of the section last read.
CREATE TABLE chapter_progress (
    learner_id TEXT NOT NULL REFERENCES learners (id) ON DELETE CASCADE,
    chapter    TEXT NOT NULL,
    position   TEXT,
    done_at    BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (learner_id, chapter)
);
