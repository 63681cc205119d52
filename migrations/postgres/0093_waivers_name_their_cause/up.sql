-- A cause that was set aside is named: another stay, finding or declaration of the same rule counts.
ALTER TABLE code_waivers ADD COLUMN about_sealed BYTEA;
