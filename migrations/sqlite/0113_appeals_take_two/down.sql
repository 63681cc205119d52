DROP INDEX record_ends_by_appeal;
ALTER TABLE record_ends DROP COLUMN appeal_id;
