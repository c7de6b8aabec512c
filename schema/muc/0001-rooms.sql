-- Persistent rooms: their options (XEP-0045 section 16.5.3) are columns named
-- as the fields.  Times are microseconds since 1970.
CREATE TABLE muc_room (
	jid TEXT PRIMARY KEY,
	domain TEXT NOT NULL,
	created BIGINT NOT NULL,
	subject TEXT NOT NULL,
	subject_nick TEXT NOT NULL,
	subject_stamp BIGINT NOT NULL,
	roomname TEXT NOT NULL,
	roomdesc TEXT NOT NULL,
	lang TEXT NOT NULL,
	persistentroom BIGINT NOT NULL,
	publicroom BIGINT NOT NULL,
	membersonly BIGINT NOT NULL,
	passwordprotectedroom BIGINT NOT NULL,
	roomsecret TEXT NOT NULL,
	moderatedroom BIGINT NOT NULL,
	allowinvites BIGINT NOT NULL,
	changesubject BIGINT NOT NULL,
	enablelogging BIGINT NOT NULL,
	showabsent BIGINT NOT NULL,
	allowpm TEXT NOT NULL,
	whois TEXT NOT NULL,
	presencebroadcast TEXT NOT NULL,
	getmemberlist TEXT NOT NULL,
	maxusers BIGINT NOT NULL,
	maxhistoryfetch BIGINT NOT NULL,
	pubsub TEXT NOT NULL
);

CREATE TABLE muc_affiliation (
	room TEXT NOT NULL REFERENCES muc_room ON DELETE CASCADE,
	jid TEXT NOT NULL,
	affiliation TEXT NOT NULL,
	nick TEXT,
	reason TEXT,
	PRIMARY KEY (room, jid)
);

CREATE TABLE muc_history (
	room TEXT NOT NULL REFERENCES muc_room ON DELETE CASCADE,
	serial BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	stanza TEXT NOT NULL,
	PRIMARY KEY (room, serial)
);
