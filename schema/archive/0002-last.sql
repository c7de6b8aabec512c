-- The greatest serial that each writer has stored, so that it goes on behind
-- it, whatever its clock says; 0: none.
ALTER TABLE archive_writer ADD COLUMN last BIGINT NOT NULL DEFAULT 0;
UPDATE archive_writer SET last = COALESCE((SELECT max(serial)
	FROM archive_message WHERE serial % 256 = number), 0);
