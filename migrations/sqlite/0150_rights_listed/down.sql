DROP INDEX agents_by_state;
DROP INDEX agents_by_prefecture;
DROP INDEX agents_by_county;
CREATE INDEX agents_open ON business_agents (state, created_at);
CREATE INDEX agents_waiting ON business_agents (state, claimed_division, created_at);
