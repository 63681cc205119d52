-- What a reviewer sets aside on an appeal ends once an officer who had no part in it has confirmed the end; the appeal
-- waits for it.
ALTER TABLE record_ends ADD COLUMN appeal_id BLOB;
CREATE INDEX record_ends_by_appeal ON record_ends (appeal_id);
