-- Files that people hand in. Their bytes lie elsewhere, sealed piece by piece under the key in the row; `blob` is their name
-- there, `making` that of a copy that is being written, and `shelf` the last byte of both.
CREATE TABLE files (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    case_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BLOB NOT NULL,
    shelf INTEGER NOT NULL,
    blob BLOB,
    making BLOB,
    name_sealed BLOB NOT NULL,
    key_sealed BLOB,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX files_by_case ON files (case_id, id);
CREATE INDEX files_by_shelf ON files (shelf);
CREATE INDEX files_on_the_way ON files (changed_at) WHERE state IN ('receiving', 'received', 'scanning');
