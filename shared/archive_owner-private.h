/*
 * archive_owner-private.h - whose archive is read, as statements say it.
 */
#ifndef SHARED_ARCHIVE_OWNER_PRIVATE_H
#define SHARED_ARCHIVE_OWNER_PRIVATE_H

#include "shared/archive_owner.h"

/* Whether a message m of which he is the sender, or the recipient, is in an
   account's archive; or one for a room in the room's.  A CASE keeps the planner
   from reading all of a room's to sort them, as in archive_page-private.h. */
#define ARCHIVE_OWNER_SENT(m)		"(" m ".ways & 1) <> 0"
#define ARCHIVE_OWNER_RECEIVED(m)	"(" m ".ways & 6) <> 0"
#define ARCHIVE_OWNER_SAID(m) \
	"CASE WHEN (" m ".ways & 2) <> 0 AND " m ".type = 2 " \
	"THEN true ELSE false END"

/* Whether a message t is in the archive of the address with that id.  No index
   fits, so that it is looked up by the uid. */
#define ARCHIVE_OWNER_ACCOUNT_HAS(id) \
	"((t.sender + 0 = " id " AND " ARCHIVE_OWNER_SENT("t") ") OR " \
	"(t.recipient + 0 = " id " AND " ARCHIVE_OWNER_RECEIVED("t") "))"
#define ARCHIVE_OWNER_ROOM_HAS(id) \
	"t.recipient + 0 = " id " AND " ARCHIVE_OWNER_SAID("t")

#endif
