-- Why a legal hold was refused or ended.
CREATE TABLE hold_ends (
    hold_id UUID NOT NULL PRIMARY KEY,
    reason_sealed BYTEA NOT NULL
);
