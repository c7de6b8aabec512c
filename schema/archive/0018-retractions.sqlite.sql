-- room is where the message was said, if it was to all in a room; moderated is 1
-- where a moderator has retracted it.  One message may be retracted twice, by
-- its author and by a moderator.
CREATE TABLE archive_retraction_new (
	serial BIGINT NOT NULL,
	uid TEXT NOT NULL,
	retraction TEXT NOT NULL,
	who TEXT NOT NULL,
	held BIGINT NOT NULL,
	room TEXT,
	moderated BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (serial, retraction)
);
INSERT INTO archive_retraction_new (serial, uid, retraction, who, held)
	SELECT serial, uid, retraction, who, held FROM archive_retraction;
DROP TABLE archive_retraction;
ALTER TABLE archive_retraction_new RENAME TO archive_retraction;
CREATE INDEX archive_retraction_by ON archive_retraction (retraction);
