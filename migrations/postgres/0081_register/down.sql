DROP INDEX applications_public;
