DROP INDEX retention_holds_by_entry;
DROP INDEX retention_holds_by_end;
CREATE INDEX retention_holds_by_state ON retention_holds (state, until);
DROP INDEX claims_by_state;
DROP INDEX claims_by_prefecture;
DROP INDEX claims_by_county;
CREATE INDEX claims_open ON identity_claims (state, division, created_at);
