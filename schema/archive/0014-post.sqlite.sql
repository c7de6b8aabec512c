-- Where messages are mailed to: a section journaling of the configuration of
-- the component of that domain.  All that is stored while it is active is put
-- into archive_post.
CREATE TABLE archive_journaling (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	domain TEXT NOT NULL,
	title TEXT NOT NULL,
	active BIGINT NOT NULL,
	UNIQUE (domain, title)
);

-- What is still to be mailed there: a message by its sender and serial.  one
-- and other are whose conversation it is: two addresses, in their order, or a
-- room's archive and 0.  A mail that its server did not take was tried at some
-- time, and is due again at another (microseconds since 1970); refusals are
-- those for good.
CREATE TABLE archive_post (
	journaling BIGINT NOT NULL,
	serial BIGINT NOT NULL,
	sender BIGINT NOT NULL,
	one BIGINT NOT NULL,
	other BIGINT NOT NULL,
	due BIGINT NOT NULL DEFAULT 0,
	tried BIGINT NOT NULL DEFAULT 0,
	tries BIGINT NOT NULL DEFAULT 0,
	refusals BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (journaling, serial)
) WITHOUT ROWID;
CREATE INDEX archive_post_talk ON archive_post
	(journaling, one, other, serial);

-- What is not tried any more, until somebody says so.
CREATE TABLE archive_post_aside (
	journaling BIGINT NOT NULL,
	serial BIGINT NOT NULL,
	sender BIGINT NOT NULL,
	one BIGINT NOT NULL,
	other BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (journaling, serial)
) WITHOUT ROWID;

-- In the transaction that stores the message, whoever does: so none is left
-- out, in whatever order the serials come.
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
	FROM archive_journaling WHERE active = 1;
END;
