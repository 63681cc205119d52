-- What an office answers for towards residents. Until now its name was put together from the name of a place.
ALTER TABLE offices ADD COLUMN duty TEXT;
UPDATE offices SET duty = 'disease-control' WHERE name LIKE '%疾病预防控制%' OR name LIKE '%疾控中心%';
UPDATE offices SET duty = 'health' WHERE duty IS NULL AND (name LIKE '%卫生健康局' OR name LIKE '%卫生健康委员会');
