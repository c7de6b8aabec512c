-- Who read, exported or changed something in the archive, and when, in
-- microseconds since 1970; detail is a JSON object.  hash is the SHA-256 of the
-- entry before and of this one (shared/audit.c).  The table is not
-- named as the component's own, all of which that may change.
CREATE TABLE audit_entry (
	number BIGINT PRIMARY KEY,
	stamp BIGINT NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash TEXT NOT NULL COLLATE "C"
);

-- Entries are only added.  This keeps from accidents; from a role that may drop
-- the trigger keeps only that the table belongs to another (annex-archive(8)).
CREATE FUNCTION audit_entry_refuse()
RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'entries of audit_entry stay as they are';
END
$$;
CREATE TRIGGER audit_entry_stays
	BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
	EXECUTE FUNCTION audit_entry_refuse();

-- Whoever searches all accounts goes by the time alone.  Rows are nearly in its
-- order, so that a few bytes for each megabyte of them tell where to look.
CREATE INDEX ON archive_message USING brin (serial)
	WITH (autosummarize = on);
