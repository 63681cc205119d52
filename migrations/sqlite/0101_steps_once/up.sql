-- A step of a sign-in is used once: what it led to wrote its number here.
CREATE TABLE spent_steps (
    id BLOB NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_steps_by_expiry ON spent_steps (expires_at);

-- A code belongs to the step that asked for it, so that nobody else can try it out or make it void. Those that are
-- under way live ten minutes and belong to no step: they are asked for again.
DROP TABLE signin_codes;
CREATE TABLE signin_codes (
    phone_blind BLOB NOT NULL,
    step BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (phone_blind, step)
);
