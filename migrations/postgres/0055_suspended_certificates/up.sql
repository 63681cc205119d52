-- A certificate cannot be used while a cause of a colour holds that policy names; it comes back by itself.
ALTER TABLE certificates ADD COLUMN suspended_at TIMESTAMPTZ;
ALTER TABLE certificates ADD COLUMN causes_sealed BYTEA;
