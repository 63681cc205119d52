-- Enterprises and individual businesses by USCC; names are public.
CREATE TABLE businesses (
    id BLOB NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'individual')),
    division TEXT NOT NULL,
    industry TEXT,
    scale TEXT,
    legal_person_sealed BLOB,
    legal_phone_sealed BLOB,
    legal_phone_blind BLOB,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who may act for a business; takes effect when the legal person or the counter confirms.
CREATE TABLE business_agents (
    id BLOB NOT NULL PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'rejected', 'ended')),
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    confirmed_by BLOB,
    how TEXT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agents_by_pair ON business_agents (business_id, account_id);
CREATE INDEX agents_by_account ON business_agents (account_id);
CREATE INDEX agents_open ON business_agents (state, created_at);

-- The staff list, entered once and used by every filing.
CREATE TABLE business_staff (
    id BLOB NOT NULL PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id),
    row_number INTEGER NOT NULL,
    name_sealed BLOB NOT NULL,
    doc_sealed BLOB NOT NULL,
    doc_blind BLOB NOT NULL,
    phone_sealed BLOB,
    origin TEXT,
    certificate_number TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX staff_by_business ON business_staff (business_id, doc_blind);

-- Applications to reopen: filing or permit.
CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    business_id BLOB NOT NULL REFERENCES businesses (id),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'individual')),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    division TEXT NOT NULL,
    risk_level TEXT NOT NULL,
    review_level TEXT NOT NULL,
    step TEXT NOT NULL,
    form_sealed BLOB NOT NULL,
    returning_staff INTEGER NOT NULL,
    corrections INTEGER NOT NULL,
    clock TEXT NOT NULL,
    due_at BIGINT,
    assignee BLOB,
    permit_number TEXT UNIQUE,
    permit_until BIGINT,
    decided_by BLOB,
    decided_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT
);
CREATE INDEX applications_by_business ON applications (business_id, created_at);
CREATE INDEX applications_by_account ON applications (account_id, created_at);
CREATE INDEX applications_worklist ON applications (state, division, due_at, id);
CREATE INDEX applications_by_assignee ON applications (assignee, state);

-- Opinions of the departments, asked in parallel.
CREATE TABLE application_reviews (
    id BLOB NOT NULL PRIMARY KEY,
    application_id BLOB NOT NULL REFERENCES applications (id),
    department TEXT NOT NULL,
    round INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'agreed', 'objected')),
    opinion_sealed BLOB,
    asked_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BLOB,
    office_id BLOB
);
CREATE UNIQUE INDEX reviews_by_application ON application_reviews (application_id, department, round);
CREATE INDEX reviews_pending ON application_reviews (state, department);
