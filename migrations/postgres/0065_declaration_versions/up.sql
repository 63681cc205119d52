-- What a declaration said before it was corrected. Until somebody accepts the correction, it goes on counting for the
-- colour; staff see what changed.
CREATE TABLE declaration_versions (
    id UUID NOT NULL PRIMARY KEY,
    declaration_id UUID NOT NULL REFERENCES declarations (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    version BIGINT NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    answers_sealed BYTEA NOT NULL
);
CREATE INDEX declaration_versions_by_person ON declaration_versions (person_id, submitted_at);
CREATE UNIQUE INDEX declaration_versions_by_declaration ON declaration_versions (declaration_id, version);
