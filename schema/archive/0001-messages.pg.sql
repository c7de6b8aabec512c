-- Whom messages are from and for: bare addresses.
CREATE TABLE archive_address (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	jid TEXT NOT NULL COLLATE "C" UNIQUE
);

-- Each message once, whoever saw it.  serial is when it came here, in
-- microseconds since 1970, times 256, and the number of who wrote it; stamp,
-- when it was sent, where that is more than a second from that.  uid is the
-- same in all copies of a message; id the sender's own.  ways, flags and type
-- are those of shared/archive_row.h; rest has the children that have no column.
-- What is empty is NULL.
--
-- Partitions are months in UTC, so that old ones go without a trace.  No index
-- is unique, as one could be only within a month: whoever writes looks first.
-- What the two for users have beyond their order spares a look at the table
-- where one user's messages with another are read.  Of uid only equal ones are
-- ever wanted, and a hash has half the size.
CREATE TABLE archive_message (
	serial BIGINT NOT NULL,
	sender BIGINT NOT NULL,
	recipient BIGINT NOT NULL,
	stamp BIGINT,
	ways SMALLINT NOT NULL,
	flags SMALLINT NOT NULL,
	type SMALLINT NOT NULL,
	uid TEXT NOT NULL COLLATE "C",
	resource TEXT,
	to_resource TEXT,
	id TEXT,
	lang TEXT,
	subject TEXT,
	body TEXT,
	thread TEXT,
	rest TEXT
) PARTITION BY RANGE (serial);
CREATE INDEX ON archive_message (sender, serial) INCLUDE (recipient);
CREATE INDEX ON archive_message (recipient, serial) INCLUDE (sender);
CREATE INDEX ON archive_message USING hash (uid);

-- Who else was shown a message, and when, in microseconds since 1970.
CREATE TABLE archive_delivery (
	owner BIGINT NOT NULL,
	serial BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	PRIMARY KEY (owner, serial)
) PARTITION BY RANGE (serial);

-- Who writes here, so that no two make the same serial.
CREATE TABLE archive_writer (
	number BIGINT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);

-- Whether part is a partition, and not just a table of that name.
CREATE FUNCTION archive_is_attached(part TEXT, whole TEXT)
RETURNS BOOLEAN LANGUAGE SQL AS $$
	SELECT EXISTS (SELECT 1 FROM pg_inherits
		WHERE inhrelid = to_regclass(quote_ident(part))
		AND inhparent = to_regclass(whole))
$$;

-- Adds the partitions of one month, from its first serial to before the next
-- one's, unless they are there.  Of two processes that want them one waits;
-- who reads or writes does not, as where a partition is created in place, nor
-- does the autovacuum of other partitions.
CREATE FUNCTION archive_add_month(month TEXT, first BIGINT, next BIGINT)
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
	whole TEXT;
	part TEXT;
BEGIN
	IF archive_is_attached('archive_message_' || month, 'archive_message')
	AND archive_is_attached('archive_delivery_' || month,
				'archive_delivery') THEN
		RETURN;
	END IF;
	LOCK TABLE ONLY archive_message, ONLY archive_delivery
		IN SHARE UPDATE EXCLUSIVE MODE;
	FOREACH whole IN ARRAY ARRAY['archive_message', 'archive_delivery']
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
