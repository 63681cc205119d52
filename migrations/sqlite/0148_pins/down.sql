ALTER TABLE proxies DROP COLUMN by_pin;
DROP TABLE person_pins;
