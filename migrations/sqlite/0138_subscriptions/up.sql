-- What people have asked to be told: a topic, a place (empty: the whole province), a channel. Of a resident the account, of
-- a visitor an address. Without confirmed_at nothing is sent; one that is stopped is gone.
CREATE TABLE subscriptions (
    id BLOB NOT NULL PRIMARY KEY,
    subscriber BLOB NOT NULL,
    account_id BLOB REFERENCES accounts (id),
    address_sealed BLOB,
    address_blind BLOB,
    topic TEXT NOT NULL,
    division TEXT NOT NULL,
    channel TEXT NOT NULL,
    lang TEXT NOT NULL,
    digest TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    token_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
);
CREATE UNIQUE INDEX subscriptions_by_token ON subscriptions (token_hash);
CREATE UNIQUE INDEX subscriptions_of_account ON subscriptions (account_id, topic, division, channel) WHERE account_id IS NOT NULL;
CREATE INDEX subscriptions_by_address ON subscriptions (address_blind) WHERE address_blind IS NOT NULL;
CREATE INDEX subscriptions_by_subscriber ON subscriptions (subscriber);
CREATE INDEX subscriptions_by_topic ON subscriptions (topic, id) WHERE confirmed_at IS NOT NULL;

-- News of a topic, and up to which subscription they have been passed on.
CREATE TABLE subscription_news (
    id BLOB NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    division TEXT NOT NULL,
    subject TEXT NOT NULL,
    args TEXT NOT NULL,
    position BLOB,
    done BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscription_news_by_subject ON subscription_news (topic, subject);

-- What waits for the next digest of a subscription.
CREATE TABLE subscription_items (
    id BLOB NOT NULL PRIMARY KEY,
    subscription_id BLOB NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    news_id BLOB NOT NULL REFERENCES subscription_news (id) ON DELETE CASCADE,
    due_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscription_items_once ON subscription_items (subscription_id, news_id);
CREATE INDEX subscription_items_by_news ON subscription_items (news_id);
CREATE INDEX subscription_items_due ON subscription_items (due_at);

-- Of which subscription a message is: it is taken back when that is stopped.
ALTER TABLE outbox ADD COLUMN list_id BLOB;
CREATE INDEX outbox_by_list ON outbox (list_id) WHERE list_id IS NOT NULL;
