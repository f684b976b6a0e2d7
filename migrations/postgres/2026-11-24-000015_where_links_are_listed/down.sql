DROP INDEX journal_other;
DROP INDEX links_by_offer;
ALTER TABLE communities DROP COLUMN links_url;
