-- Whether a delivery waits for an older one: kept, so that claiming looks at none that does.
ALTER TABLE deliveries ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE deliveries SET waits = TRUE WHERE state = 'due' AND EXISTS (
    SELECT 1 FROM deliveries AS older
    WHERE older.host = deliveries.host AND older.subject = deliveries.subject AND older.state = 'due'
        AND older.activity_id <> deliveries.activity_id AND older.id < deliveries.id
        AND (older.inbox = deliveries.inbox OR older.attempts < 3)
);
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (state, waits, next_at, id);
