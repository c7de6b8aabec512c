-- What was done rather than said, as far as a profile wants it.  serial, stamp
-- and uid are as those of a message; kind is that of shared/archive_event.h.
-- sender did it, by the client resource; recipient is the room, by the address
-- of its archive, or whom it was meant for; about, who else it is about, as who
-- is kicked.  detail is a JSON object.  What is empty is NULL.
CREATE TABLE archive_event (
	serial BIGINT NOT NULL,
	sender BIGINT NOT NULL,
	recipient BIGINT NOT NULL,
	about BIGINT,
	stamp BIGINT,
	kind SMALLINT NOT NULL,
	uid TEXT NOT NULL COLLATE "C",
	resource TEXT,
	detail TEXT
) PARTITION BY RANGE (serial);
CREATE INDEX ON archive_event (serial);
CREATE INDEX ON archive_event (sender, serial);
CREATE INDEX ON archive_event (recipient, serial);
CREATE INDEX ON archive_event (about, serial) WHERE about IS NOT NULL;
CREATE INDEX ON archive_event USING hash (uid);

-- As before, and those of events.
CREATE OR REPLACE FUNCTION archive_add_month(month TEXT, first BIGINT, next BIGINT)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
	whole TEXT;
	part TEXT;
BEGIN
	IF archive_is_attached('archive_message_' || month, 'archive_message')
	AND archive_is_attached('archive_delivery_' || month,
				'archive_delivery')
	AND archive_is_attached('archive_event_' || month, 'archive_event')
	THEN
		RETURN;
	END IF;
	LOCK TABLE ONLY archive_message, ONLY archive_delivery,
		ONLY archive_event IN SHARE UPDATE EXCLUSIVE MODE;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery',
				     'archive_event']
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
CREATE OR REPLACE FUNCTION archive_drop_month(month TEXT, first BIGINT, next BIGINT)
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
		OR EXISTS (SELECT 1 FROM archive_event m
			WHERE a.id IN (m.sender, m.recipient, m.about)
			AND m.serial >= first AND m.serial < next
			AND COALESCE(m.stamp, m.serial / 256) >= h.since
			AND COALESCE(m.stamp, m.serial / 256) < h.until)
	) THEN
		RETURN 0;
	END IF;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery',
				     'archive_event']
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
