-- Receipts on paper of what staff have done for somebody at a counter. `about_id` is the thing that it was done to, `division` the
-- jurisdiction of whoever did it; `content_sealed` is what the paper says, with the portal's signature.
CREATE TABLE slips (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    act TEXT NOT NULL,
    about_id BLOB NOT NULL,
    person_id BLOB,
    division TEXT NOT NULL,
    office_id BLOB NOT NULL,
    official_id BLOB NOT NULL,
    content_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX slips_about ON slips (about_id, created_at);
CREATE INDEX slips_by_person ON slips (person_id, created_at);
CREATE INDEX slips_by_age ON slips (created_at);
