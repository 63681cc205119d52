-- A step of a sign-in is used once: what it led to wrote its number here.
CREATE TABLE spent_steps (
    id UUID NOT NULL PRIMARY KEY,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX spent_steps_by_expiry ON spent_steps (expires_at);

-- A code belongs to the step that asked for it, so that nobody else can try it out or make it void. Those that are
-- under way live ten minutes and belong to no step: they are asked for again.
DROP TABLE signin_codes;
CREATE TABLE signin_codes (
    phone_blind BYTEA NOT NULL,
    step UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (phone_blind, step)
);
