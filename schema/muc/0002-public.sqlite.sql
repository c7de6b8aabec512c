-- Rooms are listed page by page in the order of their addresses' bytes.
CREATE INDEX muc_room_public ON muc_room (domain, jid) WHERE publicroom = 1;
