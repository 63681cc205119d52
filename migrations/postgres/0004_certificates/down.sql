DROP TABLE certificates;
DROP TABLE status_indexes;
DROP TABLE status_chunks;
DROP TABLE status_lists;
