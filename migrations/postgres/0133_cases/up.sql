-- What officials write beside a case of any kind: for colleagues (`internal`) or to the person (`person`).
CREATE TABLE case_comments (
    id UUID NOT NULL PRIMARY KEY,
    case_kind TEXT NOT NULL,
    case_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    official_id UUID NOT NULL REFERENCES officials (id),
    office_id UUID NOT NULL REFERENCES offices (id),
    audience TEXT NOT NULL,
    text_sealed BYTEA NOT NULL
);
CREATE INDEX case_comments_by_case ON case_comments (case_id, at);

-- An official is away from one day to another, and a colleague stands in: what the one has taken is the other's to do, too.
CREATE TABLE official_absences (
    id UUID NOT NULL PRIMARY KEY,
    official_id UUID NOT NULL REFERENCES officials (id),
    substitute_id UUID NOT NULL REFERENCES officials (id),
    from_at TIMESTAMPTZ NOT NULL,
    to_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX official_absences_by_official ON official_absences (official_id, to_at);
CREATE INDEX official_absences_by_substitute ON official_absences (substitute_id, to_at);
