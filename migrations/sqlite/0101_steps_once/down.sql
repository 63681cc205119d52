DROP TABLE spent_steps;
DROP TABLE signin_codes;
CREATE TABLE signin_codes (
    phone_blind BLOB NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL
);
