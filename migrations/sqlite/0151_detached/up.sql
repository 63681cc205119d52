-- An account that stands for nobody since the records of its person were merged is bound to that person all the same.
ALTER TABLE accounts ADD COLUMN detached BOOLEAN NOT NULL DEFAULT 0;
UPDATE accounts SET detached = 1
    WHERE person_id IS NULL AND id IN (SELECT row_id FROM person_merge_rows WHERE place = 'accounts.detached');
