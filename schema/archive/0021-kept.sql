-- Of whom what is retracted in rooms stays for auditors: a bare address, of
-- somebody or of a room, or a domain, as the sections of the configuration say
-- that keeper has, annex-archive by its own domain.
CREATE TABLE archive_kept (
	whose TEXT NOT NULL,
	keeper TEXT NOT NULL,
	PRIMARY KEY (whose, keeper)
);
