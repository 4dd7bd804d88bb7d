-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- The language to write in to a buyer, and to who a ticket was passed on to: a BCP 47 tag, or empty
-- for the house's, as it is of what was there before.
ALTER TABLE orders ADD COLUMN language text NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN holder_language text NOT NULL DEFAULT '';
