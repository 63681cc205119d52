DROP INDEX applications_decided;
DROP INDEX applications_decided_by_prefecture;
DROP INDEX applications_decided_by_county;
DROP INDEX applications_by_assignee;
CREATE INDEX applications_by_assignee ON applications (assignee, state);
DROP INDEX applications_by_state;
DROP INDEX applications_by_prefecture;
DROP INDEX applications_by_county;
CREATE INDEX applications_worklist ON applications (state, division, due_at, id);
