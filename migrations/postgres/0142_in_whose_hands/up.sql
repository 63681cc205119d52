-- In whose hands a declaration or an appeal is, as an application has it: who has it decides nothing.
ALTER TABLE declarations ADD COLUMN assignee UUID;
ALTER TABLE code_appeals ADD COLUMN assignee UUID;
CREATE INDEX declarations_in_hands ON declarations (assignee, state, submitted_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX code_appeals_in_hands ON code_appeals (assignee, state, created_at, id) WHERE assignee IS NOT NULL;
