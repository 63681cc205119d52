-- The applications of a county, of a prefecture and of the province in a state, the earliest limit first; those that
-- an official has taken in the same order (what nobody has taken is looked for in its place); and what was decided last.
DROP INDEX applications_worklist;
CREATE INDEX applications_by_county ON applications (state, substr(division, 1, 6), due_at, id);
CREATE INDEX applications_by_prefecture ON applications (state, substr(division, 1, 4), due_at, id);
CREATE INDEX applications_by_state ON applications (state, due_at, id);
DROP INDEX applications_by_assignee;
CREATE INDEX applications_by_assignee ON applications (assignee, state, due_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX applications_decided_by_county ON applications (substr(division, 1, 6), decided_at, id);
CREATE INDEX applications_decided_by_prefecture ON applications (substr(division, 1, 4), decided_at, id);
CREATE INDEX applications_decided ON applications (decided_at, id);

-- What departments still owe of one application.
CREATE INDEX reviews_of_application ON application_reviews (application_id, state, department);
