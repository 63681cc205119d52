ALTER TABLE certificates DROP COLUMN causes_sealed;
ALTER TABLE certificates DROP COLUMN suspended_at;
