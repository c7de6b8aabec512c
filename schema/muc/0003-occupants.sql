-- Who is inside, so that a component that was killed goes on with them; and
-- with them temporary rooms, which are here for as long as they last.  Nobody
-- stands here after a stop in good order.
ALTER TABLE muc_room ADD COLUMN locked BIGINT NOT NULL DEFAULT 0;

-- A row for each client.  The serial counts up in its room, so that no index
-- holds an address of a stranger, which may be too long for one.
CREATE TABLE muc_occupant (
	room TEXT NOT NULL REFERENCES muc_room ON DELETE CASCADE,
	serial BIGINT NOT NULL,
	jid TEXT NOT NULL,
	nick TEXT NOT NULL,
	role TEXT NOT NULL,
	presence TEXT NOT NULL,
	changed BIGINT NOT NULL,
	PRIMARY KEY (room, serial)
);

-- The list of rooms takes temporary ones from memory.
DROP INDEX muc_room_public;
CREATE INDEX muc_room_public ON muc_room (domain, jid)
	WHERE publicroom = 1 AND persistentroom = 1 AND locked = 0;

-- Those that end with the last one in them.
CREATE INDEX muc_room_passing ON muc_room (domain)
	WHERE persistentroom = 0 OR locked = 1;
