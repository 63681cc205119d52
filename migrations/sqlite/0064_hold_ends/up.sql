-- Why a legal hold was refused or ended.
CREATE TABLE hold_ends (
    hold_id BLOB NOT NULL PRIMARY KEY,
    reason_sealed BLOB NOT NULL
);
