-- Token status lists: two bits an entry, kept in chunks so that an update rewrites only one.
CREATE TABLE status_lists (
    id BIGINT NOT NULL PRIMARY KEY,
    usage TEXT NOT NULL,
    size INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- 4,096 bytes, 16,384 entries each.
CREATE TABLE status_chunks (
    list_id BIGINT NOT NULL REFERENCES status_lists (id),
    chunk INTEGER NOT NULL,
    bits BLOB NOT NULL,
    PRIMARY KEY (list_id, chunk)
);

-- Which index is taken, so that none is given twice.
CREATE TABLE status_indexes (
    list_id BIGINT NOT NULL REFERENCES status_lists (id),
    idx INTEGER NOT NULL,
    PRIMARY KEY (list_id, idx)
);

-- Return-to-work certificates.
CREATE TABLE certificates (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    declaration_id BLOB NOT NULL UNIQUE REFERENCES declarations (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    account_id BLOB REFERENCES accounts (id),
    state TEXT NOT NULL CHECK (state IN ('valid', 'revoked', 'superseded')),
    version BIGINT NOT NULL,
    division TEXT NOT NULL,
    destination_division TEXT,
    conclusion TEXT NOT NULL,
    temperature_tenths INTEGER NOT NULL,
    token_sealed BLOB NOT NULL,
    kid BLOB NOT NULL,
    status_list BIGINT NOT NULL,
    status_index INTEGER NOT NULL,
    office_id BLOB NOT NULL,
    official_id BLOB NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by BLOB,
    end_reason_sealed BLOB
);
CREATE INDEX certificates_by_person ON certificates (person_id, issued_at);
CREATE INDEX certificates_by_account ON certificates (account_id, issued_at);
CREATE INDEX certificates_by_division ON certificates (division, issued_at, id);
