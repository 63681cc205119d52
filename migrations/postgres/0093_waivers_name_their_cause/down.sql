ALTER TABLE code_waivers DROP COLUMN about_sealed;
