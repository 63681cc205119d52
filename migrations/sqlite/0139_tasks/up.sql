-- Small work of officials at a person or a place: made by a rule for a day, once for each kind, subject and day.
CREATE TABLE tasks (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    subject BLOB NOT NULL,
    person_id BLOB REFERENCES persons (id),
    day TEXT NOT NULL,
    division TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    assignee BLOB,
    result TEXT,
    note_sealed BLOB,
    done_by BLOB,
    done_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tasks_by_number ON tasks (number);
CREATE UNIQUE INDEX tasks_once ON tasks (subject, kind, day);
CREATE INDEX tasks_by_county ON tasks (state, role, substr(division, 1, 6), due_at, id);
CREATE INDEX tasks_by_prefecture ON tasks (state, role, substr(division, 1, 4), due_at, id);
CREATE INDEX tasks_by_role ON tasks (state, role, due_at, id);
CREATE INDEX tasks_by_assignee ON tasks (assignee, due_at, id) WHERE state = 'open';
CREATE INDEX tasks_by_person ON tasks (person_id);
