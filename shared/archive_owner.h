/*
 * archive_owner.h - whose archive is read.
 *
 * All messages are in the same tables; which of them are in somebody's archive
 * depends on what he is.
 */
#ifndef SHARED_ARCHIVE_OWNER_H
#define SHARED_ARCHIVE_OWNER_H

enum archive_kind {
	/* What he sent or got, in the copies that were seen of his side. */
	ARCHIVE_OF_ACCOUNT,
	/* Groupchat that was received at its address.  The sender is who said
	   it, by his real address; his nick is the recipient's resource. */
	ARCHIVE_OF_ROOM,
	ARCHIVE_KINDS,
};

struct archive_owner {
	enum archive_kind kind;
	const char *jid;	/* a bare address */
};

#endif
