-- Messages that are to have no text any more, and still have some as it is
-- held.
CREATE INDEX archive_message_unfinished ON archive_message (serial)
	WHERE flags >= 128 AND (body IS NOT NULL OR subject IS NOT NULL
		OR thread IS NOT NULL OR rest IS NOT NULL);
