-- The public register is read in the order of its decisions, without a sort of all of them.
CREATE INDEX applications_public ON applications (decided_at, id) WHERE permit_number IS NOT NULL;
