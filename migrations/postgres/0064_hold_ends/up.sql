-- Why a legal hold was refused or ended.
ALTER TABLE retention_holds ADD COLUMN end_reason_sealed BYTEA;
