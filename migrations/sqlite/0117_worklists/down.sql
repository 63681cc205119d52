DROP INDEX certificates_by_county;
DROP INDEX code_appeals_by_state;
DROP INDEX code_appeals_by_prefecture;
DROP INDEX code_appeals_by_county;
CREATE INDEX code_appeals_by_division ON code_appeals (state, division, id);
DROP TABLE saved_views;
