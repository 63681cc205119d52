ALTER TABLE risk_changes DROP COLUMN counted;
ALTER TABLE risk_changes DROP COLUMN until;
ALTER TABLE division_risks DROP COLUMN entered_at;
