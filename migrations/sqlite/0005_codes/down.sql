DROP TABLE code_prints;
DROP TABLE code_changes;
DROP TABLE code_states;
DROP TABLE health_records;
DROP TABLE division_risks;
