ALTER TABLE declaration_versions DROP COLUMN entered_by;
