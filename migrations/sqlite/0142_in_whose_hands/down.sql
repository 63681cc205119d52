DROP INDEX code_appeals_in_hands;
DROP INDEX declarations_in_hands;
ALTER TABLE code_appeals DROP COLUMN assignee;
ALTER TABLE declarations DROP COLUMN assignee;
