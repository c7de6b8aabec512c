-- Whose messages must stay, by matter: those of a bare address, or of all
-- addresses of a domain, that were sent at since or later and before until
-- (microseconds since 1970).  who and stamp are who said so, and when.
CREATE TABLE archive_hold (
	matter TEXT NOT NULL,
	whose TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	who TEXT NOT NULL,
	stamp BIGINT NOT NULL,
	note TEXT,
	PRIMARY KEY (matter, whose)
);

-- Who was shown a message, where that message goes or is to stay.
CREATE INDEX archive_delivery_serial ON archive_delivery (serial);
