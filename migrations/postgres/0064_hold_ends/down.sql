ALTER TABLE retention_holds DROP COLUMN end_reason_sealed;
