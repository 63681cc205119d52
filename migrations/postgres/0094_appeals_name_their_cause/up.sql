-- Two causes of one rule (two stays, two findings) can each be contested. Whether one against the same cause waits is asked
-- of the sealed statements, under the lock of the person's code.
DROP INDEX code_appeals_open;
