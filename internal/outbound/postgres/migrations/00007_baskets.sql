-- Expand only: the release before this one goes on working on these tables. It doesn't know that the
-- places of a hold may change: let buyers do that only when all instances are of this release.

-- +goose Up

-- How often the places of a hold were changed.
ALTER TABLE holds ADD COLUMN amendments bigint NOT NULL DEFAULT 0;
-- orphan_rule: named places may not leave a single free seat alone.
ALTER TABLE events ADD COLUMN orphan_rule boolean NOT NULL DEFAULT false;
