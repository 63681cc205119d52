-- When a department that has not answered was last reminded, and the answers as they were when a correction was asked for.
ALTER TABLE application_reviews ADD COLUMN reminded_at BIGINT;
ALTER TABLE applications ADD COLUMN asked_sealed BLOB;
