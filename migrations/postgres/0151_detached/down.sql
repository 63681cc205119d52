ALTER TABLE accounts DROP COLUMN detached;
