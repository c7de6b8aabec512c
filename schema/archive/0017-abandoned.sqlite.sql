-- seen is when the daemon of a section was last there (microseconds since
-- 1970): for one that has been gone for thirty days nothing more waits.
ALTER TABLE archive_journaling ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
UPDATE archive_journaling SET seen = unixepoch() * 1000000;

DROP TRIGGER archive_message_posted;
CREATE TRIGGER archive_message_posted AFTER INSERT ON archive_message
-- 0 is nobody: a trial whether anything can be stored.
WHEN NEW.sender <> 0
	AND EXISTS (SELECT 1 FROM archive_journaling WHERE active = 1)
BEGIN
	-- It may wait already, and have gone from here meanwhile.
	INSERT OR IGNORE INTO archive_post
		(journaling, serial, sender, one, other)
	SELECT id, NEW.serial, NEW.sender,
		CASE WHEN NEW.type = 2 THEN NEW.recipient
			ELSE min(NEW.sender, NEW.recipient) END,
		CASE WHEN NEW.type = 2 THEN 0
			ELSE max(NEW.sender, NEW.recipient) END
	FROM archive_journaling WHERE active = 1
	AND seen > unixepoch() * 1000000 - 2592000000000;
END;
