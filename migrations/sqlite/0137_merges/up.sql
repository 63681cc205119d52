-- Two records of one person become one: `lead_id` leads, `other_id` points to it (`persons.merged_into`). A merge and its undoing
-- are rows of one table (`undoes` names the merge that is undone); each takes two officials. `division` is the jurisdiction of
-- whoever proposed it, `person_merge_rows` names each row that was written over to the leading record, by the column that names
-- the person.
CREATE TABLE person_merges (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    lead_id BLOB NOT NULL REFERENCES persons (id),
    other_id BLOB NOT NULL REFERENCES persons (id),
    undoes BLOB REFERENCES person_merges (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused', 'expired')),
    division TEXT NOT NULL,
    reason_sealed BLOB NOT NULL,
    entered_by BLOB NOT NULL,
    office_id BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT,
    refusal_sealed BLOB,
    undone_at BIGINT
);
CREATE INDEX person_merges_by_lead ON person_merges (lead_id);
CREATE INDEX person_merges_by_other ON person_merges (other_id);
CREATE INDEX person_merges_by_official ON person_merges (entered_by, created_at);
CREATE INDEX person_merges_undoing ON person_merges (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX person_merges_by_age ON person_merges (created_at);

CREATE TABLE person_merge_rows (
    merge_id BLOB NOT NULL REFERENCES person_merges (id),
    place TEXT NOT NULL,
    row_id BLOB NOT NULL,
    PRIMARY KEY (merge_id, place, row_id)
);

ALTER TABLE persons ADD COLUMN merged_into BLOB;
CREATE INDEX persons_merged ON persons (merged_into) WHERE merged_into IS NOT NULL;
