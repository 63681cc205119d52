DROP INDEX declarations_by_proxy;
ALTER TABLE declarations DROP COLUMN proxy_id;
ALTER TABLE sessions DROP COLUMN acting_since;
ALTER TABLE sessions DROP COLUMN acting_for;
DROP TABLE proxies;
