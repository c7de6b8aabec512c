-- Where messages are mailed to: a section journaling of the configuration of
-- the component of that domain.  All that is stored while it is active is put
-- into archive_post.
CREATE TABLE archive_journaling (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	domain TEXT NOT NULL,
	title TEXT NOT NULL,
	active SMALLINT NOT NULL,
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
);
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
);

-- In the transaction that stores the message, whoever does: so none is left
-- out, in whatever order the serials come.  Who stores messages need have no
-- rights on these tables.
CREATE FUNCTION archive_post_add()
RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO archive_post (journaling, serial, sender, one, other)
	SELECT j.id, m.serial, m.sender,
		CASE WHEN m.type = 2 THEN m.recipient
			ELSE LEAST(m.sender, m.recipient) END,
		CASE WHEN m.type = 2 THEN 0
			ELSE GREATEST(m.sender, m.recipient) END
	FROM archive_journaling j, added m
	-- 0 is nobody: a trial whether anything can be stored.
	WHERE j.active = 1 AND m.sender <> 0
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;
CREATE TRIGGER archive_message_posted
	AFTER INSERT ON archive_message REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION archive_post_add();
