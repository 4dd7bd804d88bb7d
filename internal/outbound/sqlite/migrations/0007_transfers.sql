-- Who a ticket was passed on to. transfers counts how often its place was passed on before; 0 is the
-- buyer's own ticket, and its holder is empty. A ticket that was passed on has state 4 and, like a
-- void one, its fence in voided.
ALTER TABLE tickets ADD COLUMN transfers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN holder_name TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN holder_email TEXT NOT NULL DEFAULT '';
