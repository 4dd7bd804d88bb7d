-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- Who a ticket was passed on to. transfers counts how often its place was passed on before; 0 is the
-- buyer's own ticket, and its holder is empty. A ticket that was passed on has state 4 and, like a
-- void one, its fence in voided.
ALTER TABLE tickets ADD COLUMN transfers smallint NOT NULL DEFAULT 0,
    ADD COLUMN holder_name text NOT NULL DEFAULT '',
    ADD COLUMN holder_email text NOT NULL DEFAULT '';
