-- room is where the message was said, if it was to all in a room; moderated is 1
-- where a moderator has retracted it.  One message may be retracted twice, by
-- its author and by a moderator.
ALTER TABLE archive_retraction ADD COLUMN room TEXT;
ALTER TABLE archive_retraction ADD COLUMN moderated BIGINT NOT NULL DEFAULT 0;
ALTER TABLE archive_retraction DROP CONSTRAINT archive_retraction_pkey;
ALTER TABLE archive_retraction ADD PRIMARY KEY (serial, retraction);
CREATE INDEX archive_retraction_by ON archive_retraction (retraction);
