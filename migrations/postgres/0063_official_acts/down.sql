DROP TABLE official_acts;
