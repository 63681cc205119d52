-- Tables that people have sent, on their way to where they belong. `taken` is how far it is; what is still to be taken lies in
-- parts in `import_rows`, what was wrong with the others in `wrong_sealed`.
CREATE TABLE imports (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    subject_id UUID NOT NULL,
    account_id UUID NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    onto TEXT NOT NULL,
    total INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    trouble TEXT,
    file_sealed BYTEA NOT NULL,
    wrong_sealed BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX imports_by_subject ON imports (subject_id, id);
CREATE INDEX imports_by_change ON imports (changed_at);
CREATE TABLE import_rows (
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    subject_id UUID NOT NULL,
    rows_sealed BYTEA NOT NULL,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_rows_by_subject ON import_rows (subject_id);
