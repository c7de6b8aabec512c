-- Accounts that were removed, by the id of the removal, of which the router's
-- module may tell twice: last is the serial up to which their messages went,
-- stamp when that was.  It goes some time after that.
CREATE TABLE offline_account (
	jid TEXT NOT NULL,
	id TEXT NOT NULL,
	last BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	PRIMARY KEY (jid, id)
);
