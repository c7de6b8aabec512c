-- The messages that came from where a router had stored them, be they still
-- here or not: none comes twice.
CREATE TABLE offline_import (
	jid TEXT NOT NULL,
	id TEXT NOT NULL,
	PRIMARY KEY (jid, id)
);
