-- Nothing to take back: what was cleared told what was not so.
SELECT 1;
