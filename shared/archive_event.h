/*
 * archive_event.h - what people do rather than say, as the archive stores it.
 *
 * On its way into the tables an event is a row like that of a message
 * (archive_row.h), in the same journals and in the same order.
 */
#ifndef SHARED_ARCHIVE_EVENT_H
#define SHARED_ARCHIVE_EVENT_H

#include <jansson.h>
#include <stddef.h>

#include "shared/archive_row.h"

struct arena;

/* Stored, so never changed. */
enum archive_event_kind {
	ARCHIVE_EVENT_NONE,	/* a message */
	ARCHIVE_EVENT_JOIN,
	ARCHIVE_EVENT_LEAVE,
	ARCHIVE_EVENT_KICK,
	ARCHIVE_EVENT_INVITATION,
	ARCHIVE_EVENT_CREATION,
	ARCHIVE_EVENT_CONFIGURATION,
	ARCHIVE_EVENT_AFFILIATION,
	ARCHIVE_EVENT_DESTRUCTION,
	ARCHIVE_EVENT_SUBSCRIPTION,
	ARCHIVE_EVENT_FILE,
	ARCHIVE_EVENT_PRESENCE,
	ARCHIVE_EVENT_VERDICT,
	ARCHIVE_EVENT_REMOVAL,	/* of an account (archive_account.h) */
	ARCHIVE_EVENTS,
};

/* Longer details and resources are not stored. */
#define ARCHIVE_EVENT_MAX (64 << 10)

struct archive_event {
	struct archive_mark mark;	/* ways and flags do not count */
	enum archive_event_kind kind;	/* not ARCHIVE_EVENT_NONE */
	const char *sender;	/* who did it: a bare address */
	const char *resource;	/* the client; "" where none */
	const char *recipient;	/* the room, or whom it was meant for: as in
				   archive_row.h */
	const char *about;	/* who else, a bare address; or NULL */
	const char *detail;	/* a JSON object, or NULL */
};

/* "join"...; static. */
const char *archive_event_name(enum archive_event_kind kind);
/* ARCHIVE_EVENT_NONE when there is none of that name. */
enum archive_event_kind archive_event_find(const char *name);

/* A detail of a JSON object, which is taken, in the arena; NULL of one in which
   is nothing, or of NULL. */
const char *archive_event_detail(struct arena *arena, json_t *object);

/* The event as a row, which borrows all that is in it; and back.  It is not to
   be a row of ARCHIVE_EVENT_NONE. */
struct archive_row archive_event_row(const struct archive_event *event);
struct archive_event archive_event_of(const struct archive_row *row);

#endif
