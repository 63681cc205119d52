-- How often somebody has tried at a login from a place, and when the next try may be looked at; the bucket is a keyed
-- hash. Locks of before end with this: they were anybody's to cause.
CREATE TABLE sign_in_tries (
    bucket BLOB NOT NULL PRIMARY KEY,
    tried INTEGER NOT NULL,
    tried_at BIGINT NOT NULL,
    next_at BIGINT,
    known_until BIGINT
);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (tried_at);
UPDATE officials SET locked_until = NULL;
