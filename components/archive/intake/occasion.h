/*
 * occasion.h - which events a stanza is: an invitation, a request for a
 * subscription, an offer of a file.
 */
#ifndef ARCHIVE_OCCASION_H
#define ARCHIVE_OCCASION_H

#include "shared/archive_event.h"

struct arena;
struct stanza;

/* Invitations in one message that count; and files in one stanza. */
#define OCCASION_INVITATIONS_MAX 20
#define OCCASION_FILES_MAX 50

/* The event is without a mark, and lives as long as the arena and the
   stanza. */
typedef void occasion_fn(void *ctx, const struct archive_event *event);

/* Calls fn for each: people invite to a room by that room (XEP-0045), or
   directly (XEP-0249); files are offered by Jingle (XEP-0234) or SI
   (XEP-0096), or are named by a URL (XEP-0066, XEP-0385, XEP-0447), as are
   those that were uploaded (XEP-0363), also to all in a room.  What makes no
   sense is none. */
void occasion_find(struct arena *arena, const struct stanza *stanza,
		   occasion_fn *fn, void *ctx);

#endif
