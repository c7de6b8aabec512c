-- Whether what is said in the room goes into the archive.
ALTER TABLE muc_room ADD COLUMN enablearchiving BIGINT NOT NULL DEFAULT 0;
