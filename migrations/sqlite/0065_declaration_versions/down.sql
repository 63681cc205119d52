DROP TABLE declaration_versions;
