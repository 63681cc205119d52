DROP TABLE hold_ends;
