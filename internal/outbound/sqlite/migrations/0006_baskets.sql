-- How often the places of a hold were changed.
ALTER TABLE holds ADD COLUMN amendments INTEGER NOT NULL DEFAULT 0;
-- orphan_rule: 1 if named places may not leave a single free seat alone.
ALTER TABLE events ADD COLUMN orphan_rule INTEGER NOT NULL DEFAULT 0;
