DROP INDEX declarations_by_county;
CREATE INDEX declarations_worklist ON declarations (state, division, submitted_at, id);
