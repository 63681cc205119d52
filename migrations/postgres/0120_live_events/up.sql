-- What happened a moment ago, for pages that are open: whose it is (a topic, derived from an account or another
-- subject), of which kind, and what it says, sealed. Rows live for two minutes.
CREATE TABLE live_events (
    id UUID NOT NULL PRIMARY KEY,
    topic UUID NOT NULL,
    kind TEXT NOT NULL,
    body_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX live_events_by_topic ON live_events (topic, created_at);
CREATE INDEX live_events_by_age ON live_events (created_at);
