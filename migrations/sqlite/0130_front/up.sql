-- Keys of programs: of other systems (clients), of devices, of partner provinces. What a key may do stands in the row; what
-- verifies its signatures in `program_secrets`, sealed, since a secret is needed to check what is signed with it, and since
-- whoever can write here must not be able to put in a public key of their own. Several count at a time while one replaces
-- another. A nonce is written with the message that it came with, and gone when that message would be refused anyway.
CREATE TABLE program_keys (
    id BLOB NOT NULL PRIMARY KEY,
    keyid TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    province TEXT,
    scopes TEXT NOT NULL,
    per_minute INTEGER NOT NULL,
    per_day INTEGER NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_sealed BLOB,
    seen_at BIGINT,
    version BIGINT NOT NULL,
    created_by BLOB,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX program_keys_by_keyid ON program_keys (keyid);
CREATE TABLE program_secrets (
    id BLOB NOT NULL PRIMARY KEY,
    key_id BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    material_sealed BLOB NOT NULL,
    certificate BLOB,
    created_at BIGINT NOT NULL,
    ends_at BIGINT
);
CREATE INDEX program_secrets_by_key ON program_secrets (key_id);
CREATE TABLE program_nonces (
    key_id BLOB NOT NULL,
    nonce TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX program_nonces_by_end ON program_nonces (expires_at);
