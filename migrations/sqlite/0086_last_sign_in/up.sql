-- When an official last signed in; what is known from the sessions of now is taken over.
ALTER TABLE officials ADD COLUMN last_signin_at BIGINT;
UPDATE officials SET last_signin_at =
    (SELECT MAX(s.created_at) FROM sessions s WHERE s.kind = 'official' AND s.subject = officials.id);
