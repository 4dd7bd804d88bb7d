-- What kind of event it is, and the least that a place of it costs at any time, in thousandths of its
-- currency; 0 where it isn't known: such an event is in every search by price until it is looked at.

ALTER TABLE events ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN from_milli INTEGER NOT NULL DEFAULT 0;
