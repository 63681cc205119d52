ALTER TABLE officials DROP COLUMN grave_by;
ALTER TABLE officials DROP COLUMN grave_from;
