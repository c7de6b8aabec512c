-- Who read, exported or changed something in the archive, and when, in
-- microseconds since 1970; detail is a JSON object.  hash is the SHA-256 of the
-- entry before and of this one (shared/audit.c).
CREATE TABLE audit_entry (
	number INTEGER PRIMARY KEY,
	stamp BIGINT NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash TEXT NOT NULL
);

-- Entries are only added.  This keeps from accidents alone: whoever may write to
-- the file may do anything.
CREATE TRIGGER audit_entry_changed BEFORE UPDATE ON audit_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of audit_entry stay as they are');
END;
CREATE TRIGGER audit_entry_removed BEFORE DELETE ON audit_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of audit_entry stay as they are');
END;
-- INSERT OR REPLACE would do without the latter.
CREATE TRIGGER audit_entry_replaced BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number)
BEGIN
	SELECT RAISE(IGNORE);
END;
