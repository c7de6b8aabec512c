-- What was done rather than said, as far as a profile wants it.  serial, stamp
-- and uid are as those of a message; kind is that of shared/archive_event.h.
-- sender did it, by the client resource; recipient is the room, by the address
-- of its archive, or whom it was meant for; about, who else it is about, as who
-- is kicked.  detail is a JSON object.  What is empty is NULL.
CREATE TABLE archive_event (
	serial INTEGER PRIMARY KEY,
	sender BIGINT NOT NULL,
	recipient BIGINT NOT NULL,
	about BIGINT,
	stamp BIGINT,
	kind BIGINT NOT NULL,
	uid TEXT NOT NULL UNIQUE,
	resource TEXT,
	detail TEXT
);
CREATE INDEX archive_event_sender ON archive_event (sender);
CREATE INDEX archive_event_recipient ON archive_event (recipient);
CREATE INDEX archive_event_about ON archive_event (about)
	WHERE about IS NOT NULL;
