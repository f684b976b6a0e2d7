-- The collection in which a community of elsewhere lists its links.
ALTER TABLE communities ADD COLUMN links_url TEXT;
-- Whose link it is, by the id of its Offer: an answer names nothing else.
CREATE INDEX links_by_offer ON links (offer);
CREATE INDEX journal_other ON journal (community_id, other_id, created_at);
