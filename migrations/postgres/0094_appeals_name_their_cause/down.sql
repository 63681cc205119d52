DROP INDEX code_appeals_open;
CREATE UNIQUE INDEX code_appeals_open ON code_appeals (person_id, rule) WHERE state = 'submitted';
