DROP TABLE application_reviews;
DROP TABLE applications;
DROP TABLE business_staff;
DROP TABLE business_agents;
DROP TABLE businesses;
