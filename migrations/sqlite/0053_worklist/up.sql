-- A worklist is read in the order of its dates within a county, without a sort of all that waits there.
DROP INDEX declarations_worklist;
CREATE INDEX declarations_by_county ON declarations (state, substr(division, 1, 6), submitted_at, id, division);
