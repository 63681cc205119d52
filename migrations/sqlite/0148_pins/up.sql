-- PINs of people without a telephone, one for each. `given` is what this giving of it is called in the record, `pin_hash` a keyed
-- hash; `wrong` counts the wrong tries since it was given or last right.
CREATE TABLE person_pins (
    person_id BLOB NOT NULL PRIMARY KEY REFERENCES persons (id),
    given BLOB NOT NULL,
    pin_hash BLOB NOT NULL,
    wrong INTEGER NOT NULL,
    set_at BIGINT NOT NULL,
    set_by BLOB NOT NULL,
    until_at BIGINT NOT NULL
);
CREATE INDEX person_pins_due ON person_pins (until_at);

-- Whether the person agreed with a PIN, on the telephone of whoever acts.
ALTER TABLE proxies ADD COLUMN by_pin BOOLEAN NOT NULL DEFAULT 0;
