-- What the occupants' ids in a room are made with (XEP-0421).  A room that was
-- made before has none yet.
ALTER TABLE muc_room ADD COLUMN occupant_key TEXT NOT NULL DEFAULT '';
