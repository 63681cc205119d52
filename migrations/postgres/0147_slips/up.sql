-- Receipts on paper of what staff have done for somebody at a counter. `about_id` is the thing that it was done to, `division` the
-- jurisdiction of whoever did it; `content_sealed` is what the paper says, with the portal's signature.
CREATE TABLE slips (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    act TEXT NOT NULL,
    about_id UUID NOT NULL,
    person_id UUID,
    division TEXT NOT NULL,
    office_id UUID NOT NULL,
    official_id UUID NOT NULL,
    content_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX slips_about ON slips (about_id, created_at);
CREATE INDEX slips_by_person ON slips (person_id, created_at);
CREATE INDEX slips_by_age ON slips (created_at);
