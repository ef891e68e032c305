-- What somebody keeps of the playground under an address of its own. It never changes; content is the JSON object of the form's
-- fields, and size counts its bytes, so that sums need not read it.
CREATE TABLE snapshots (
    id         TEXT PRIMARY KEY,
    learner_id TEXT NOT NULL REFERENCES learners (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    content    TEXT NOT NULL
);
CREATE INDEX snapshots_by_learner ON snapshots (learner_id, created_at);
CREATE INDEX snapshots_by_expiry ON snapshots (expires_at);
