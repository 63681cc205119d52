-- Rights to act for businesses become a worklist: each state is a piece of an index in the order in which they were claimed,
-- of a county, of a prefecture, of the province, by the place that the claim names.
DROP INDEX agents_waiting;
DROP INDEX agents_open;
CREATE INDEX agents_by_county ON business_agents (state, substr(claimed_division, 1, 6), created_at, id);
CREATE INDEX agents_by_prefecture ON business_agents (state, substr(claimed_division, 1, 4), created_at, id);
CREATE INDEX agents_by_state ON business_agents (state, created_at, id);
