DROP TABLE business_names;
