-- What whoever claims a business calls it, and where it is, belongs to the claim. Name and division of the business itself
-- are empty until one claim is confirmed.
ALTER TABLE business_agents ADD COLUMN claimed_name TEXT NOT NULL DEFAULT '';
ALTER TABLE business_agents ADD COLUMN claimed_division TEXT NOT NULL DEFAULT '';
-- The text of before was the first claim's, and that of whoever has been confirmed since.
UPDATE business_agents SET
    claimed_division = (SELECT b.division FROM businesses b WHERE b.id = business_agents.business_id),
    claimed_name = CASE WHEN state IN ('confirmed', 'ended') OR NOT EXISTS (
        SELECT 1 FROM business_agents e WHERE e.business_id = business_agents.business_id AND (
            e.created_at < business_agents.created_at
            OR (e.created_at = business_agents.created_at AND e.id < business_agents.id)))
    THEN (SELECT b.name FROM businesses b WHERE b.id = business_agents.business_id) ELSE '' END;
UPDATE businesses SET name = '', division = ''
WHERE NOT EXISTS (
    SELECT 1 FROM business_agents g WHERE g.business_id = businesses.id AND g.state IN ('confirmed', 'ended'))
AND NOT EXISTS (
    SELECT 1 FROM applications a WHERE a.business_id = businesses.id AND a.state <> 'draft');
CREATE INDEX agents_waiting ON business_agents (state, claimed_division, created_at);
