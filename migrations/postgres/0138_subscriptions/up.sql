-- What people have asked to be told: a topic, a place (empty: the whole province), a channel. Of a resident the account, of
-- a visitor an address. Without confirmed_at nothing is sent; one that is stopped is gone.
CREATE TABLE subscriptions (
    id UUID NOT NULL PRIMARY KEY,
    subscriber UUID NOT NULL,
    account_id UUID REFERENCES accounts (id),
    address_sealed BYTEA,
    address_blind BYTEA,
    topic TEXT NOT NULL,
    division TEXT NOT NULL,
    channel TEXT NOT NULL,
    lang TEXT NOT NULL,
    digest TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    token_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX subscriptions_by_token ON subscriptions (token_hash);
CREATE UNIQUE INDEX subscriptions_of_account ON subscriptions (account_id, topic, division, channel) WHERE account_id IS NOT NULL;
CREATE INDEX subscriptions_by_address ON subscriptions (address_blind) WHERE address_blind IS NOT NULL;
CREATE INDEX subscriptions_by_subscriber ON subscriptions (subscriber);
CREATE INDEX subscriptions_by_topic ON subscriptions (topic, id) WHERE confirmed_at IS NOT NULL;

-- News of a topic, and up to which subscription they have been passed on.
CREATE TABLE subscription_news (
    id UUID NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    division TEXT NOT NULL,
    subject TEXT NOT NULL,
    args JSONB NOT NULL,
    position UUID,
    done BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX subscription_news_by_subject ON subscription_news (topic, subject);

-- What waits for the next digest of a subscription.
CREATE TABLE subscription_items (
    id UUID NOT NULL PRIMARY KEY,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    news_id UUID NOT NULL REFERENCES subscription_news (id) ON DELETE CASCADE,
    due_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX subscription_items_once ON subscription_items (subscription_id, news_id);
CREATE INDEX subscription_items_by_news ON subscription_items (news_id);
CREATE INDEX subscription_items_due ON subscription_items (due_at);

-- Of which subscription a message is: it is taken back when that is stopped.
ALTER TABLE outbox ADD COLUMN list_id UUID;
CREATE INDEX outbox_by_list ON outbox (list_id) WHERE list_id IS NOT NULL;
