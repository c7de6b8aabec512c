/*
 * archive_account.h - accounts that were removed, as another may have the
 * address since then.
 *
 * What was said before stays for those who search all, but is in no archive
 * that a user reads as his own.
 */
#ifndef SHARED_ARCHIVE_ACCOUNT_H
#define SHARED_ARCHIVE_ACCOUNT_H

struct archive_event;
struct store_batch;

/* Adds what notes such an event, ARCHIVE_EVENT_REMOVAL, whose address is
   stored before that, and has the preferences of who had the address
   forgotten.  One that was noted before changes nothing. */
void archive_account_add(struct store_batch *batch,
			 const struct archive_event *event);

/* SQL.  The serial up to which nothing is his who has the address of that id
   now; 0 where no account of it was removed. */
#define ARCHIVE_ACCOUNT_BORN(id) \
	"COALESCE((SELECT max(c.born) FROM archive_account c " \
	"WHERE c.owner = " id "), 0)"

#endif
