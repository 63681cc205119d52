-- Natural persons by identity document; the document's blind index makes them unique.
CREATE TABLE persons (
    id BLOB NOT NULL PRIMARY KEY,
    doc_kind TEXT NOT NULL,
    doc_sealed BLOB NOT NULL,
    doc_blind BLOB NOT NULL UNIQUE,
    name_sealed BLOB NOT NULL,
    name_blind BLOB NOT NULL,
    sex TEXT,
    birth_date_sealed BLOB,
    phone_sealed BLOB,
    phone_blind BLOB,
    division TEXT,
    level TEXT NOT NULL CHECK (level IN ('self_stated', 'seen', 'verified')),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX persons_by_name ON persons (name_blind);
CREATE INDEX persons_by_phone ON persons (phone_blind);

-- A phone that signs in; acts for one person once that person's document is claimed.
CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY,
    phone_sealed BLOB NOT NULL,
    phone_blind BLOB NOT NULL UNIQUE,
    email_sealed BLOB,
    person_id BLOB UNIQUE REFERENCES persons (id),
    lang TEXT NOT NULL,
    elder BOOLEAN NOT NULL,
    notice_at BIGINT,
    created_at BIGINT NOT NULL,
    last_signin_at BIGINT NOT NULL
);

-- The one live sign-in code of a phone, hashed.
CREATE TABLE signin_codes (
    phone_blind BLOB NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL
);

-- A second phone that claims a document is decided at the counter, not online.
CREATE TABLE identity_claims (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    name_sealed BLOB NOT NULL,
    doc_sealed BLOB NOT NULL,
    division TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected')),
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BLOB,
    version BIGINT NOT NULL
);
CREATE INDEX claims_by_account ON identity_claims (account_id);
CREATE INDEX claims_open ON identity_claims (state, division, created_at);

-- An office: a place with a jurisdiction and a telephone.
CREATE TABLE offices (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    division TEXT NOT NULL,
    phone TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX offices_by_division ON offices (division);

-- Staff; two factors.
CREATE TABLE officials (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email_sealed BLOB,
    phone_sealed BLOB,
    password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    totp_sealed BLOB,
    totp_last_step BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    failed INTEGER NOT NULL,
    locked_until BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- One-time codes for an official who lost the second factor, hashed.
CREATE TABLE recovery_codes (
    id BLOB NOT NULL PRIMARY KEY,
    official_id BLOB NOT NULL REFERENCES officials (id),
    code_hash BLOB NOT NULL,
    used_at BIGINT
);
CREATE INDEX recovery_by_official ON recovery_codes (official_id);

-- A right: role × jurisdiction, in an office, dated; a substitute names whom.
CREATE TABLE assignments (
    id BLOB NOT NULL PRIMARY KEY,
    official_id BLOB NOT NULL REFERENCES officials (id),
    office_id BLOB NOT NULL REFERENCES offices (id),
    role TEXT NOT NULL,
    division TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    substitute_for BLOB,
    created_by BLOB,
    created_at BIGINT NOT NULL
);
CREATE INDEX assignments_by_official ON assignments (official_id);
CREATE INDEX assignments_by_office ON assignments (office_id);
