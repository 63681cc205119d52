DROP TABLE spent_steps;
DROP TABLE signin_codes;
CREATE TABLE signin_codes (
    phone_blind BYTEA NOT NULL PRIMARY KEY,
    code_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL
);
