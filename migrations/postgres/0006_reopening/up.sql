-- Enterprises and individual businesses by USCC; names are public.
CREATE TABLE businesses (
    id UUID NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'individual')),
    division TEXT NOT NULL,
    industry TEXT,
    scale TEXT,
    legal_person_sealed BYTEA,
    legal_phone_sealed BYTEA,
    legal_phone_blind BYTEA,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Who may act for a business; takes effect when the legal person or the counter confirms.
CREATE TABLE business_agents (
    id UUID NOT NULL PRIMARY KEY,
    business_id UUID NOT NULL REFERENCES businesses (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'rejected', 'ended')),
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,
    confirmed_by UUID,
    how TEXT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agents_by_pair ON business_agents (business_id, account_id);
CREATE INDEX agents_by_account ON business_agents (account_id);
CREATE INDEX agents_open ON business_agents (state, created_at);

-- The staff list, entered once and used by every filing.
CREATE TABLE business_staff (
    id UUID NOT NULL PRIMARY KEY,
    business_id UUID NOT NULL REFERENCES businesses (id),
    row_number INTEGER NOT NULL,
    name_sealed BYTEA NOT NULL,
    doc_sealed BYTEA NOT NULL,
    doc_blind BYTEA NOT NULL,
    phone_sealed BYTEA,
    origin TEXT,
    certificate_number TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX staff_by_business ON business_staff (business_id, doc_blind);

-- Applications to reopen: filing or permit.
CREATE TABLE applications (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    business_id UUID NOT NULL REFERENCES businesses (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'individual')),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    division TEXT NOT NULL,
    risk_level TEXT NOT NULL,
    review_level TEXT NOT NULL,
    step TEXT NOT NULL,
    form_sealed BYTEA NOT NULL,
    returning_staff INTEGER NOT NULL,
    corrections INTEGER NOT NULL,
    clock JSONB NOT NULL,
    due_at TIMESTAMPTZ,
    assignee UUID,
    permit_number TEXT UNIQUE,
    permit_until TIMESTAMPTZ,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ
);
CREATE INDEX applications_by_business ON applications (business_id, created_at);
CREATE INDEX applications_by_account ON applications (account_id, created_at);
CREATE INDEX applications_worklist ON applications (state, division, due_at, id);
CREATE INDEX applications_by_assignee ON applications (assignee, state);

-- Opinions of the departments, asked in parallel.
CREATE TABLE application_reviews (
    id UUID NOT NULL PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id),
    department TEXT NOT NULL,
    round INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'agreed', 'objected')),
    opinion_sealed BYTEA,
    asked_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    office_id UUID
);
CREATE UNIQUE INDEX reviews_by_application ON application_reviews (application_id, department, round);
CREATE INDEX reviews_pending ON application_reviews (state, department);
