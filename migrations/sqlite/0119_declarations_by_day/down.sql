DROP INDEX declarations_by_day;
