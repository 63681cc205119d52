DROP TABLE record_ends;
ALTER TABLE health_records DROP COLUMN ended_at;
