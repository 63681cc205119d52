-- Names that a business had before a counter corrected them, with the reason.
CREATE TABLE business_names (
    id UUID NOT NULL PRIMARY KEY,
    business_id UUID NOT NULL REFERENCES businesses (id),
    former TEXT NOT NULL,
    reason_sealed BYTEA NOT NULL,
    changed_by UUID NOT NULL,
    office_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX business_names_by_business ON business_names (business_id, created_at);
