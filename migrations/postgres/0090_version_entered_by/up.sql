-- Who typed an earlier statement for somebody, where staff did: it counts only once somebody else has accepted it.
ALTER TABLE declaration_versions ADD COLUMN entered_by UUID;
