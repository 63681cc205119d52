DROP TABLE search_walks;
