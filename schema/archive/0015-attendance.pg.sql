-- Who was in a room, and when (shared/archive_attendance.h): owner and room are
-- addresses, first and last serials that no message has.  He was shown what the
-- room's archive has between them.  While he is there, last is
-- 9223372036854775807.  It goes with the month of first, in which last is as
-- well.
CREATE TABLE archive_attendance (
	room BIGINT NOT NULL,
	first BIGINT NOT NULL,
	owner BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (room, first, owner)
) PARTITION BY RANGE (first);
CREATE INDEX ON archive_attendance (owner, first);
CREATE INDEX ON archive_attendance (room, owner)
	WHERE last = 9223372036854775807;

-- Who was shown later what was said in a room's archive, that of the address
-- room; nobody has written there yet.
ALTER TABLE archive_delivery ADD COLUMN room BIGINT NOT NULL DEFAULT 0;

-- As before, and those of attendance.
CREATE OR REPLACE FUNCTION archive_add_month(month TEXT, first BIGINT,
					     next BIGINT)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
	whole TEXT;
	part TEXT;
BEGIN
	IF archive_is_attached('archive_message_' || month, 'archive_message')
	AND archive_is_attached('archive_delivery_' || month,
				'archive_delivery')
	AND archive_is_attached('archive_event_' || month, 'archive_event')
	AND archive_is_attached('archive_attendance_' || month,
				'archive_attendance') THEN
		RETURN;
	END IF;
	LOCK TABLE ONLY archive_message, ONLY archive_delivery,
		ONLY archive_event, ONLY archive_attendance
		IN SHARE UPDATE EXCLUSIVE MODE;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery',
				     'archive_event', 'archive_attendance']
	LOOP
		part := whole || '_' || month;
		CONTINUE WHEN archive_is_attached(part, whole);
		IF to_regclass(quote_ident(part)) IS NOT NULL THEN
			RAISE EXCEPTION '% is there, but no partition of %',
				part, whole;
		END IF;
		EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)',
			       part, whole);
		EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I '
			       'FOR VALUES FROM (%s) TO (%s)',
			       whole, part, first, next);
	END LOOP;
END
$$;

-- Takes away one month, from its first serial to before the next one's, with
-- all that is in it.  Returns 1; or 0 where something in it is held, or others
-- use the tables for so long that who comes next would wait.
CREATE OR REPLACE FUNCTION archive_drop_month(month TEXT, first BIGINT,
					      next BIGINT)
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
		OR EXISTS (SELECT 1 FROM archive_attendance t
			WHERE t.owner = a.id
			AND t.first >= archive_drop_month.first
			AND t.first < next)
		OR EXISTS (SELECT 1 FROM archive_event m
			WHERE a.id IN (m.sender, m.recipient, m.about)
			AND m.serial >= archive_drop_month.first
			AND m.serial < next
			AND COALESCE(m.stamp, m.serial / 256) >= h.since
			AND COALESCE(m.stamp, m.serial / 256) < h.until)
	) THEN
		RETURN 0;
	END IF;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery',
				     'archive_event', 'archive_attendance']
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
