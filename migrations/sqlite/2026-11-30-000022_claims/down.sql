ALTER TABLE links_elsewhere DROP COLUMN implied;
DROP TABLE carried_links;
DROP INDEX communities_territory;
DROP TABLE judged_claims;
DROP TABLE changed_claims;
