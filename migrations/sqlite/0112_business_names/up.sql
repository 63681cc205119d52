-- Names that a business had before a counter corrected them, with the reason.
CREATE TABLE business_names (
    id BLOB NOT NULL PRIMARY KEY,
    business_id BLOB NOT NULL REFERENCES businesses (id),
    former TEXT NOT NULL,
    reason_sealed BLOB NOT NULL,
    changed_by BLOB NOT NULL,
    office_id BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX business_names_by_business ON business_names (business_id, created_at);
