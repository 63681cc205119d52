DELETE FROM official_acts WHERE action = 'identify';
DROP INDEX officials_doc_blind;
ALTER TABLE officials DROP COLUMN doc_blind;
ALTER TABLE officials DROP COLUMN doc_sealed;
