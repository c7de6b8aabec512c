-- Takes away one month, from its first serial to before the next one's, with
-- all that is in it.  Returns 1; or 0 where something in it is held, or others
-- use the tables for so long that who comes next would wait.
CREATE FUNCTION archive_drop_month(month TEXT, first BIGINT, next BIGINT)
RETURNS BIGINT LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
	whole TEXT;
	part TEXT;
BEGIN
	IF EXISTS (
		SELECT 1 FROM archive_hold h JOIN archive_address a
		-- That of a room's archive goes on behind a slash.
		ON h.whose = split_part(a.jid, '/', 1) OR h.whose =
			split_part(split_part(a.jid, '/', 1), '@', 2)
		WHERE EXISTS (SELECT 1 FROM archive_message m
			WHERE m.sender = a.id
			AND m.serial >= first AND m.serial < next
			AND COALESCE(m.stamp, m.serial / 256) >= h.since
			AND COALESCE(m.stamp, m.serial / 256) < h.until)
		OR EXISTS (SELECT 1 FROM archive_message m
			WHERE m.recipient = a.id
			AND m.serial >= first AND m.serial < next
			AND COALESCE(m.stamp, m.serial / 256) >= h.since
			AND COALESCE(m.stamp, m.serial / 256) < h.until)
		-- When those were sent wants a look at all of the month.
		OR EXISTS (SELECT 1 FROM archive_delivery d
			WHERE d.owner = a.id
			AND d.serial >= first AND d.serial < next)
	) THEN
		RETURN 0;
	END IF;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery']
	LOOP
		part := whole || '_' || month;
		CONTINUE WHEN NOT archive_is_attached(part, whole);
		EXECUTE format('ALTER TABLE %I DETACH PARTITION %I',
			       whole, part);
		EXECUTE format('DROP TABLE %I', part);
	END LOOP;
	RETURN 1;
EXCEPTION WHEN lock_not_available THEN
	RETURN 0;
END
$$;
