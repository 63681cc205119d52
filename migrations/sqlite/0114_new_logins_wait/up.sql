-- From when on a login that an administrator has just made or reset does what is hard to take back, and which administrator
-- that was. Empty: at once, as for the logins of before and those made at the console.
ALTER TABLE officials ADD COLUMN grave_from BIGINT;
ALTER TABLE officials ADD COLUMN grave_by BLOB;
