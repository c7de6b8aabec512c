-- seen is when the daemon of a section was last there (microseconds since
-- 1970): for one that has been gone for thirty days nothing more waits.
ALTER TABLE archive_journaling ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
UPDATE archive_journaling SET
	seen = CAST(extract(epoch FROM now()) * 1000000 AS BIGINT);

CREATE OR REPLACE FUNCTION archive_post_add()
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
	WHERE j.active = 1
	AND j.seen > extract(epoch FROM now()) * 1000000 - 2592000000000
	-- 0 is nobody: a trial whether anything can be stored.
	AND m.sender <> 0
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;
