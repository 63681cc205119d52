DROP INDEX agents_waiting;
UPDATE businesses SET
    name = COALESCE((SELECT g.claimed_name FROM business_agents g WHERE g.business_id = businesses.id
        AND g.claimed_name <> '' ORDER BY g.created_at, g.id LIMIT 1), uscc),
    division = COALESCE((SELECT g.claimed_division FROM business_agents g WHERE g.business_id = businesses.id
        ORDER BY g.created_at, g.id LIMIT 1), '')
WHERE name = '';
ALTER TABLE business_agents DROP COLUMN claimed_division;
ALTER TABLE business_agents DROP COLUMN claimed_name;
