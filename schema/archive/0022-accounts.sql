-- Accounts that were removed: whoever has the address owner since then is
-- another, and what has a serial up to born is not in his archive.  uid is that
-- of the removal, of which the module may tell twice.
CREATE TABLE archive_account (
	owner BIGINT NOT NULL,
	uid TEXT NOT NULL,
	born BIGINT NOT NULL,
	PRIMARY KEY (owner, uid)
);
