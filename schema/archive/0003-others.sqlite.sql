-- One user's messages with another are found by the index alone.  The serial,
-- which is in each index anyway, is named since it would come behind the other.
DROP INDEX archive_message_sender;
CREATE INDEX archive_message_sender
	ON archive_message (sender, serial, recipient);
DROP INDEX archive_message_recipient;
CREATE INDEX archive_message_recipient
	ON archive_message (recipient, serial, sender);
