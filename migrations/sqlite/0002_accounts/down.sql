DROP TABLE assignments;
DROP TABLE recovery_codes;
DROP TABLE officials;
DROP TABLE offices;
DROP TABLE identity_claims;
DROP TABLE signin_codes;
DROP TABLE accounts;
DROP TABLE persons;
