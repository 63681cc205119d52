-- How far the search keys of a table have been brought to their present form.
CREATE TABLE search_walks (
    name TEXT NOT NULL PRIMARY KEY,
    form TEXT NOT NULL,
    position UUID,
    done BOOLEAN NOT NULL
);
