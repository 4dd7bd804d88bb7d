-- The language to write in to a buyer, and to who a ticket was passed on to: a BCP 47 tag, or empty
-- for the house's, as it is of what was there before.
ALTER TABLE orders ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN holder_language TEXT NOT NULL DEFAULT '';
