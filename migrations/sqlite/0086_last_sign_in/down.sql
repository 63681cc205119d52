ALTER TABLE officials DROP COLUMN last_signin_at;
