-- Keys of programs: of other systems (clients), of devices, of partner provinces. What a key may do stands in the row; what
-- verifies its signatures in `program_secrets`, sealed, since a secret is needed to check what is signed with it, and since
-- whoever can write here must not be able to put in a public key of their own. Several count at a time while one replaces
-- another. A nonce is written with the message that it came with, and gone when that message would be refused anyway.
CREATE TABLE program_keys (
    id UUID NOT NULL PRIMARY KEY,
    keyid TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    province TEXT,
    scopes TEXT NOT NULL,
    per_minute INTEGER NOT NULL,
    per_day INTEGER NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_sealed BYTEA,
    seen_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX program_keys_by_keyid ON program_keys (keyid);
CREATE TABLE program_secrets (
    id UUID NOT NULL PRIMARY KEY,
    key_id UUID NOT NULL,
    algorithm TEXT NOT NULL,
    material_sealed BYTEA NOT NULL,
    certificate BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ
);
CREATE INDEX program_secrets_by_key ON program_secrets (key_id);
CREATE TABLE program_nonces (
    key_id UUID NOT NULL,
    nonce TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX program_nonces_by_end ON program_nonces (expires_at);
