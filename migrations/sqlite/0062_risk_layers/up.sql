-- A published level lies over what was published before and ends by itself; what was entered last counts.
ALTER TABLE division_risks ADD COLUMN entered_at BIGINT NOT NULL DEFAULT 0;
UPDATE division_risks SET entered_at = since;
-- When a change ends, and how many persons change their colour by it, as the first official confirmed.
ALTER TABLE risk_changes ADD COLUMN until BIGINT;
ALTER TABLE risk_changes ADD COLUMN counted BIGINT;
