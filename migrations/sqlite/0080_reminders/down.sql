ALTER TABLE applications DROP COLUMN asked_sealed;
ALTER TABLE application_reviews DROP COLUMN reminded_at;
