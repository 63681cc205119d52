-- Why the second official refused, for whoever entered it; and for which office it was entered.
ALTER TABLE health_records ADD COLUMN refusal_sealed BLOB;
ALTER TABLE record_ends ADD COLUMN refusal_sealed BLOB;
ALTER TABLE record_ends ADD COLUMN office_id BLOB;
ALTER TABLE risk_changes ADD COLUMN refusal_sealed BLOB;
ALTER TABLE risk_changes ADD COLUMN office_id BLOB;
CREATE INDEX health_records_by_entrant ON health_records (entered_by, created_at);
CREATE INDEX record_ends_by_entrant ON record_ends (entered_by, created_at);
