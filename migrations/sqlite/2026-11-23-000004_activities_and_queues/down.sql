DROP TABLE domain_rules;
DROP TABLE hosts;
DROP TABLE jobs;
DROP TABLE deliveries;
DROP TABLE effects;
DROP TABLE seen_activities;
DROP TABLE activities;
