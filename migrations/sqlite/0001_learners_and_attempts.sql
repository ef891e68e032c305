-- Who learns, how they come back, and what they answered.
-- The text stays within what SQLite and PostgreSQL both read: ids are made by the application,
-- times are milliseconds since 1970 bound by the application, JSON is TEXT.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- A guest is a learner without a row in accounts.
CREATE TABLE learners (
    id         TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    learner_id          TEXT PRIMARY KEY REFERENCES learners (id) ON DELETE CASCADE,
    name                TEXT NOT NULL,
    name_key            TEXT NOT NULL UNIQUE,
    password_hash       TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    learner_id TEXT NOT NULL REFERENCES learners (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_learner ON sessions (learner_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- questions is the JSON list of question ids in the order asked, fixed when the attempt starts.
-- score is the sum of the answers' scores, set together with finished_at.
CREATE TABLE attempts (
    id             TEXT PRIMARY KEY,
    learner_id     TEXT NOT NULL REFERENCES learners (id) ON DELETE CASCADE,
    chapter        TEXT NOT NULL,
    questions      TEXT NOT NULL,
    question_count BIGINT NOT NULL,
    is_first       BOOLEAN NOT NULL,
    started_at     BIGINT NOT NULL,
    finished_at    BIGINT,
    score          DOUBLE PRECISION
);
CREATE INDEX attempts_by_learner ON attempts (learner_id, chapter, started_at);

-- One answer per question and attempt: the key is what makes posting twice harmless.
CREATE TABLE answers (
    attempt_id  TEXT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    question_id TEXT NOT NULL,
    given       TEXT NOT NULL,
    correct     BOOLEAN NOT NULL,
    score       DOUBLE PRECISION NOT NULL,
    answered_at BIGINT NOT NULL,
    sequence    BIGINT NOT NULL,
    PRIMARY KEY (attempt_id, question_id)
);
