-- Under which text what was given was given, and when it was taken back; empty where it was not noted yet.
ALTER TABLE declarations ADD COLUMN consent_text TEXT NOT NULL DEFAULT '';
ALTER TABLE declarations ADD COLUMN consent_withdrawn_at BIGINT;
ALTER TABLE declarations ADD COLUMN share_withdrawn_at BIGINT;
ALTER TABLE certificates ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE accounts ADD COLUMN notice_text TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN email_at BIGINT;
