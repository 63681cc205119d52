-- Who an official is as a resident: sealed, and a search key so that one person is one official. Empty for officials of
-- before, who decide nothing until it is written down.
ALTER TABLE officials ADD COLUMN doc_sealed BYTEA;
ALTER TABLE officials ADD COLUMN doc_blind BYTEA;
CREATE UNIQUE INDEX officials_doc_blind ON officials (doc_blind);
-- A change of who an official is has a reason that stays, as other grave acts have.
ALTER TABLE official_acts DROP CONSTRAINT official_acts_action_check;
ALTER TABLE official_acts ADD CONSTRAINT official_acts_action_check
    CHECK (action IN ('disable', 'reset', 'end', 'identify'));
