-- Lists of officials that were read by hand become worklists: each lane is a piece of an index, in the order of the page.

-- Claims that wait, the longest wait first: of a county, of a prefecture, of the province.
DROP INDEX claims_open;
CREATE INDEX claims_by_county ON identity_claims (state, substr(division, 1, 6), created_at, id);
CREATE INDEX claims_by_prefecture ON identity_claims (state, substr(division, 1, 4), created_at, id);
CREATE INDEX claims_by_state ON identity_claims (state, created_at, id);

-- Holds in the order in which they were entered; whether something is held is asked by their end.
DROP INDEX retention_holds_by_state;
CREATE INDEX retention_holds_by_end ON retention_holds (until);
CREATE INDEX retention_holds_by_entry ON retention_holds (state, created_at, id);
