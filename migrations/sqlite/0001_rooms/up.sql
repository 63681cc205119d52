-- One row a signed-in browser or API client; the id is the SHA-256 of the token.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    public_id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('resident', 'official')),
    subject BLOB NOT NULL,
    assignment_id BLOB,
    csrf BLOB NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    stepped_up_at BIGINT
);
CREATE INDEX sessions_by_subject ON sessions (kind, subject);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Durable counters for sign-in and SMS limits; the bucket is a keyed hash.
CREATE TABLE rate_counters (
    bucket BLOB NOT NULL,
    window_start BIGINT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (bucket, window_start)
);

-- Answers kept for a repeated submission; sealed, as they can hold personal data.
CREATE TABLE idempotency_keys (
    scope BLOB NOT NULL,
    key BLOB NOT NULL,
    digest BLOB NOT NULL,
    response_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency_keys (created_at);

-- The head of each hash chain: one chain a writer lane.
CREATE TABLE audit_lanes (
    lane INTEGER NOT NULL PRIMARY KEY,
    length BIGINT NOT NULL,
    head BLOB NOT NULL
);

-- The record; each entry's hash covers the one before it in its lane.
CREATE TABLE audit_entries (
    lane INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    office_id BLOB,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BLOB,
    subject_id BLOB,
    detail TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_by_subject ON audit_entries (subject_id, at);
CREATE INDEX audit_by_object ON audit_entries (object_id, at);
CREATE INDEX audit_by_time ON audit_entries (at);

-- Roots of complete 256-leaf subtrees of the Merkle tree over all lanes.
CREATE TABLE audit_chunks (
    idx BIGINT NOT NULL PRIMARY KEY,
    root BLOB NOT NULL
);

-- Signed tree heads; a copy is also kept outside the database.
CREATE TABLE audit_heads (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    tree_size BIGINT NOT NULL,
    root BLOB NOT NULL,
    lanes TEXT NOT NULL,
    kid BLOB NOT NULL,
    signature BLOB NOT NULL
);

-- Background work; the payload is sealed.
CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dedup TEXT UNIQUE,
    payload_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'dead')),
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    locked_until BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);

-- Messages to be sent, written in the transaction that caused them; recipient and content are sealed.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    lane TEXT NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
    message TEXT NOT NULL,
    lang TEXT NOT NULL,
    dedup TEXT UNIQUE,
    recipient_sealed BLOB NOT NULL,
    params_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'dead')),
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    locked_until BIGINT,
    last_error TEXT,
    provider_ref TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
-- Bulk never stands before urgent, and the rows already sent cost the claim nothing.
CREATE INDEX outbox_due ON outbox (channel, lane, run_at) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (locked_until) WHERE state = 'sending';
CREATE INDEX outbox_by_age ON outbox (state, created_at);

-- What a resident was told, readable in the portal; rendered in the reader's language.
CREATE TABLE inbox (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    message TEXT NOT NULL,
    params_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX inbox_by_account ON inbox (account_id, created_at);

-- The timeline of a case of any workflow.
CREATE TABLE case_events (
    id BLOB NOT NULL PRIMARY KEY,
    case_kind TEXT NOT NULL,
    case_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    office_id BLOB,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    version BIGINT NOT NULL,
    note_sealed BLOB
);
CREATE UNIQUE INDEX case_events_by_case ON case_events (case_id, seq);
