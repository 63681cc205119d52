-- Who acts for somebody else, from the question to the end of the consent. `ward_sealed` is the document and the name as
-- they were named; `actor_id` is the person whom the account stood for when it asked, `person_id` is set once it is known whom it
-- is about. `state` says whether it was agreed to,
-- `until_at` how long the question waits or the consent holds.
CREATE TABLE proxies (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    actor_id BLOB NOT NULL REFERENCES persons (id),
    person_id BLOB REFERENCES persons (id),
    ward_sealed BLOB NOT NULL,
    relation TEXT NOT NULL CHECK (relation IN ('family', 'child', 'ward')),
    way TEXT NOT NULL CHECK (way IN ('own', 'counter')),
    state TEXT NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'ended')),
    version BIGINT NOT NULL,
    consent_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    granted_at BIGINT,
    granted_by BLOB,
    ended_at BIGINT,
    ended_by TEXT CHECK (ended_by IN ('proxy', 'person', 'counter', 'time', 'age')),
    ended_official BLOB
);
CREATE INDEX proxies_by_account ON proxies (account_id, created_at);
CREATE INDEX proxies_by_person ON proxies (person_id, created_at);
CREATE INDEX proxies_by_actor ON proxies (actor_id);
CREATE INDEX proxies_due ON proxies (until_at) WHERE state IN ('asked', 'granted');

-- For whom a resident's session acts, and since when; none for its owner.
ALTER TABLE sessions ADD COLUMN acting_for BLOB;
ALTER TABLE sessions ADD COLUMN acting_since BIGINT;

-- Under which consent a draft was begun by somebody who acts for the person.
ALTER TABLE declarations ADD COLUMN proxy_id BLOB;
CREATE INDEX declarations_by_proxy ON declarations (proxy_id) WHERE proxy_id IS NOT NULL;
