DELETE FROM official_acts WHERE action = 'identify';
ALTER TABLE official_acts DROP CONSTRAINT official_acts_action_check;
ALTER TABLE official_acts ADD CONSTRAINT official_acts_action_check CHECK (action IN ('disable', 'reset', 'end'));
DROP INDEX officials_doc_blind;
ALTER TABLE officials DROP COLUMN doc_blind;
ALTER TABLE officials DROP COLUMN doc_sealed;
