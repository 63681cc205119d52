DROP TABLE retention_holds;
DROP TABLE retention_runs;
