-- Natural persons by identity document; the document's blind index makes them unique.
CREATE TABLE persons (
    id UUID NOT NULL PRIMARY KEY,
    doc_kind TEXT NOT NULL,
    doc_sealed BYTEA NOT NULL,
    doc_blind BYTEA NOT NULL UNIQUE,
    name_sealed BYTEA NOT NULL,
    name_blind BYTEA NOT NULL,
    sex TEXT,
    birth_date_sealed BYTEA,
    phone_sealed BYTEA,
    phone_blind BYTEA,
    division TEXT,
    level TEXT NOT NULL CHECK (level IN ('self_stated', 'seen', 'verified')),
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX persons_by_name ON persons (name_blind);
CREATE INDEX persons_by_phone ON persons (phone_blind);

-- A phone that signs in; acts for one person once that person's document is claimed.
CREATE TABLE accounts (
    id UUID NOT NULL PRIMARY KEY,
    phone_sealed BYTEA NOT NULL,
    phone_blind BYTEA NOT NULL UNIQUE,
    email_sealed BYTEA,
    person_id UUID UNIQUE REFERENCES persons (id),
    lang TEXT NOT NULL,
    elder BOOLEAN NOT NULL,
    notice_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    last_signin_at TIMESTAMPTZ NOT NULL
);

-- The one live sign-in code of a phone, hashed.
CREATE TABLE signin_codes (
    phone_blind BYTEA NOT NULL PRIMARY KEY,
    code_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL
);

-- A second phone that claims a document is decided at the counter, not online.
CREATE TABLE identity_claims (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id UUID NOT NULL REFERENCES accounts (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    name_sealed BYTEA NOT NULL,
    doc_sealed BYTEA NOT NULL,
    division TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected')),
    created_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    version BIGINT NOT NULL
);
CREATE INDEX claims_by_account ON identity_claims (account_id);
CREATE INDEX claims_open ON identity_claims (state, division, created_at);

-- An office: a place with a jurisdiction and a telephone.
CREATE TABLE offices (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    division TEXT NOT NULL,
    phone TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX offices_by_division ON offices (division);

-- Staff; two factors.
CREATE TABLE officials (
    id UUID NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email_sealed BYTEA,
    phone_sealed BYTEA,
    password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    totp_sealed BYTEA,
    totp_last_step BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    failed INTEGER NOT NULL,
    locked_until TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- One-time codes for an official who lost the second factor, hashed.
CREATE TABLE recovery_codes (
    id UUID NOT NULL PRIMARY KEY,
    official_id UUID NOT NULL REFERENCES officials (id),
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX recovery_by_official ON recovery_codes (official_id);

-- A right: role × jurisdiction, in an office, dated; a substitute names whom.
CREATE TABLE assignments (
    id UUID NOT NULL PRIMARY KEY,
    official_id UUID NOT NULL REFERENCES officials (id),
    office_id UUID NOT NULL REFERENCES offices (id),
    role TEXT NOT NULL,
    division TEXT NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_to TIMESTAMPTZ,
    substitute_for UUID,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX assignments_by_official ON assignments (official_id);
CREATE INDEX assignments_by_office ON assignments (office_id);
