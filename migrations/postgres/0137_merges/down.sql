DROP INDEX persons_merged;
ALTER TABLE persons DROP COLUMN merged_into;
DROP TABLE person_merge_rows;
DROP TABLE person_merges;
