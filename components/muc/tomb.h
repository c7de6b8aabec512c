/*
 * tomb.h - what is left of a message that was retracted (XEP-0424), by its
 * author or by a moderator (XEP-0425).
 */
#ifndef MUC_TOMB_H
#define MUC_TOMB_H

#include <stdbool.h>

struct archive_row;
struct arena;
struct chronicle_entry;
struct error;
struct room;
struct xml;

/* The room's id of the message in history in whose place somebody says this one
   (XEP-0308), who has that pseudonym; or NULL.  Lives as long as the arena. */
const char *tomb_original(const struct room *room, struct arena *arena,
			  const struct xml *message, const char *pseudonym);

/* Puts that in place of a message in history, and of what its author has said
   in its place, be it gone itself, if it is of the author with that pseudonym,
   where that is not NULL.  Returns whether there was anything. */
bool tomb_bury(struct room *room, const char *target, const char *pseudonym,
	       const char *left);

/* Whether it may be one that a room gave to a message, be it one of another
   service of which the archive was taken over. */
bool tomb_is_id(const char *id);

/* Whether the message, to the room, may be passed on: what it retracts, if it
   does, can be buried.  Returns 0, or -1 with ERROR_RESOURCE_CONSTRAINT of type
   wait. */
int tomb_check(const struct room *room, const struct xml *message,
	       struct error *err);
/* Does what the entry's message asks for, which was passed on and is of the
   author with that pseudonym: where it retracts one of his, that is buried; in
   the archive as well, unless it goes there itself. */
void tomb_retract(struct room *room, const struct chronicle_entry *entry,
		  const char *pseudonym, bool archived);

/* The same in history of what the row retracts, which is on its way from the
   journal into the archive: where the process before was killed, history may
   not know.  A room that is in memory has history written before the archive
   is.  ctx is the service. */
void tomb_recall(void *ctx, const struct archive_row *row);

#endif
