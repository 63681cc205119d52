DROP TABLE disclosures;
DROP TABLE trust_lists;
DROP TABLE agreements;
DROP TABLE partners;
