DROP TABLE placement_answers;
DROP INDEX arrivals_neighbour;
DROP INDEX placements_edited;
DROP INDEX placements_announce;
DROP INDEX placements_community;
CREATE INDEX placements_community ON placements (community_id, state, thread_id);
CREATE INDEX placements_waiting ON placements (state, created_at) WHERE state = 'waiting';
ALTER TABLE placements DROP COLUMN dated_at;
