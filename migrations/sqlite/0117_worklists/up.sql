-- Views of worklists that officials save: a tab with its filters and order, for oneself or (with an office) for the office.
CREATE TABLE saved_views (
    id BLOB NOT NULL PRIMARY KEY,
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    official_id BLOB NOT NULL REFERENCES officials (id),
    office_id BLOB REFERENCES offices (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX saved_views_by_official ON saved_views (official_id, list);
CREATE INDEX saved_views_by_office ON saved_views (office_id, list);

-- The appeals of a county, of a prefecture and of the province, each in the order of their arrival. Not in that of their
-- identifiers, although it is the same: PostgreSQL would rather walk along the primary key, where what waits stands last.
DROP INDEX code_appeals_by_division;
CREATE INDEX code_appeals_by_county ON code_appeals (state, substr(division, 1, 6), created_at, id);
CREATE INDEX code_appeals_by_prefecture ON code_appeals (state, substr(division, 1, 4), created_at, id);
CREATE INDEX code_appeals_by_state ON code_appeals (state, created_at, id);

-- The certificates of a county in the order in which they were issued, by what is stored of their state.
CREATE INDEX certificates_by_county ON certificates (state, substr(division, 1, 6), issued_at, id);
