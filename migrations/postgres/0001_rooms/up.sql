-- One row a signed-in browser or API client; the id is the SHA-256 of the token.
CREATE TABLE sessions (
    id BYTEA NOT NULL PRIMARY KEY,
    public_id UUID NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('resident', 'official')),
    subject UUID NOT NULL,
    assignment_id UUID,
    csrf BYTEA NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    stepped_up_at TIMESTAMPTZ
);
CREATE INDEX sessions_by_subject ON sessions (kind, subject);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Durable counters for sign-in and SMS limits; the bucket is a keyed hash.
CREATE TABLE rate_counters (
    bucket BYTEA NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (bucket, window_start)
);

-- Answers kept for a repeated submission; sealed, as they can hold personal data.
CREATE TABLE idempotency_keys (
    scope BYTEA NOT NULL,
    key UUID NOT NULL,
    digest BYTEA NOT NULL,
    response_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency_keys (created_at);

-- The head of each hash chain: one chain a writer lane.
CREATE TABLE audit_lanes (
    lane INTEGER NOT NULL PRIMARY KEY,
    length BIGINT NOT NULL,
    head BYTEA NOT NULL
);

-- The record; each entry's hash covers the one before it in its lane.
CREATE TABLE audit_entries (
    lane INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    office_id UUID,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID,
    subject_id UUID,
    detail JSONB NOT NULL,
    prev BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_by_subject ON audit_entries (subject_id, at);
CREATE INDEX audit_by_object ON audit_entries (object_id, at);
CREATE INDEX audit_by_time ON audit_entries (at);

-- Roots of complete 256-leaf subtrees of the Merkle tree over all lanes.
CREATE TABLE audit_chunks (
    idx BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL
);

-- Signed tree heads; a copy is also kept outside the database.
CREATE TABLE audit_heads (
    number BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    tree_size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    lanes JSONB NOT NULL,
    kid BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

-- Background work; the payload is sealed.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dedup TEXT UNIQUE,
    payload_sealed BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'dead')),
    run_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    locked_until TIMESTAMPTZ,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);

-- Messages to be sent, written in the transaction that caused them; recipient and content are sealed.
CREATE TABLE outbox (
    id UUID NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    lane TEXT NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
    message TEXT NOT NULL,
    lang TEXT NOT NULL,
    dedup TEXT UNIQUE,
    recipient_sealed BYTEA NOT NULL,
    params_sealed BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'dead')),
    run_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    locked_until TIMESTAMPTZ,
    last_error TEXT,
    provider_ref TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ
);
-- Bulk never stands before urgent, and the rows already sent cost the claim nothing.
CREATE INDEX outbox_due ON outbox (channel, lane, run_at) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (locked_until) WHERE state = 'sending';
CREATE INDEX outbox_by_age ON outbox (state, created_at);

-- What a resident was told, readable in the portal; rendered in the reader's language.
CREATE TABLE inbox (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    message TEXT NOT NULL,
    params_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ
);
CREATE INDEX inbox_by_account ON inbox (account_id, created_at);

-- The timeline of a case of any workflow.
CREATE TABLE case_events (
    id UUID NOT NULL PRIMARY KEY,
    case_kind TEXT NOT NULL,
    case_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    office_id UUID,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    version BIGINT NOT NULL,
    note_sealed BYTEA
);
CREATE UNIQUE INDEX case_events_by_case ON case_events (case_id, seq);
