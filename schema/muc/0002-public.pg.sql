-- Rooms are listed page by page in the order of their addresses' bytes, which
-- is the order SQLite has anyway.
ALTER TABLE muc_room ALTER COLUMN jid TYPE TEXT COLLATE "C";

CREATE INDEX muc_room_public ON muc_room (domain, jid) WHERE publicroom = 1;
