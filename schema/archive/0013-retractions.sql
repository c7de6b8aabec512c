-- Messages whose text went as their senders retracted them, until the audit log
-- says so: serial and uid are the message's, retraction is the uid of the one
-- that asked for it, who by whom; held is 1 where the text stays as it is held,
-- 2 where the message does, unseen by users.
CREATE TABLE archive_retraction (
	serial BIGINT PRIMARY KEY,
	uid TEXT NOT NULL,
	retraction TEXT NOT NULL,
	who TEXT NOT NULL,
	held BIGINT NOT NULL
);
