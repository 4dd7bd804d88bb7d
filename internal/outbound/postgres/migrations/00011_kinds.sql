-- What kind of event it is, and the least that a place of it costs at any time, in thousandths of its
-- currency; 0 where it isn't known: such an event is in every search by price until it is looked at.

-- +goose Up

ALTER TABLE events ADD COLUMN kind text NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN from_milli bigint NOT NULL DEFAULT 0;
