ALTER TABLE accounts DROP COLUMN email_at;
ALTER TABLE accounts DROP COLUMN notice_text;
ALTER TABLE certificates DROP COLUMN withdrawn_at;
ALTER TABLE declarations DROP COLUMN share_withdrawn_at;
ALTER TABLE declarations DROP COLUMN consent_withdrawn_at;
ALTER TABLE declarations DROP COLUMN consent_text;
