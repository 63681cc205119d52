-- Who an official is as a resident: sealed, and a search key so that one person is one official. Empty for officials of
-- before, who decide nothing until it is written down.
ALTER TABLE officials ADD COLUMN doc_sealed BLOB;
ALTER TABLE officials ADD COLUMN doc_blind BLOB;
CREATE UNIQUE INDEX officials_doc_blind ON officials (doc_blind);
-- A change of who an official is has a reason that stays, as other grave acts have.
CREATE TABLE official_acts_new (
    id BLOB NOT NULL PRIMARY KEY,
    official_id BLOB NOT NULL REFERENCES officials (id),
    action TEXT NOT NULL CHECK (action IN ('disable', 'reset', 'end', 'identify')),
    reason_sealed BLOB NOT NULL,
    acted_by BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO official_acts_new SELECT id, official_id, action, reason_sealed, acted_by, created_at FROM official_acts;
DROP TABLE official_acts;
ALTER TABLE official_acts_new RENAME TO official_acts;
CREATE INDEX official_acts_by_official ON official_acts (official_id, created_at);
