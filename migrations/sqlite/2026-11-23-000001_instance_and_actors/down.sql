DROP TABLE sign_in_links;
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE instance;
DROP TABLE actor_keys;
DROP TABLE actors;
