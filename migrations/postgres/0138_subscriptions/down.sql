DROP INDEX outbox_by_list;
ALTER TABLE outbox DROP COLUMN list_id;
DROP TABLE subscription_items;
DROP TABLE subscription_news;
DROP TABLE subscriptions;
