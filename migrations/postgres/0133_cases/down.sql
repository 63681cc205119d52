DROP TABLE official_absences;
DROP TABLE case_comments;
