/*
 * archive_range-private.h - between what finds a message by its uid and what
 * finds pages.
 */
#ifndef SHARED_ARCHIVE_RANGE_PRIVATE_H
#define SHARED_ARCHIVE_RANGE_PRIVATE_H

/* Whether a message t is in the archive of the address with that id.  No index
   fits, so that it is looked up by the uid. */
#define ARCHIVE_RANGE_HAS(id) \
	"((t.sender + 0 = " id " AND (t.ways & 1) <> 0) OR " \
	"(t.recipient + 0 = " id " AND (t.ways & 6) <> 0))"

#endif
