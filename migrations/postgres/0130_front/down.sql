DROP TABLE program_nonces;
DROP TABLE program_secrets;
DROP TABLE program_keys;
