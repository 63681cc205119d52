-- Tables that people have sent, on their way to where they belong. `taken` is how far it is; what is still to be taken lies in
-- parts in `import_rows`, what was wrong with the others in `wrong_sealed`.
CREATE TABLE imports (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    onto TEXT NOT NULL,
    total INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    trouble TEXT,
    file_sealed BLOB NOT NULL,
    wrong_sealed BLOB,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX imports_by_subject ON imports (subject_id, id);
CREATE INDEX imports_by_change ON imports (changed_at);
CREATE TABLE import_rows (
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    rows_sealed BLOB NOT NULL,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_rows_by_subject ON import_rows (subject_id);
