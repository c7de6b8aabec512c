/*
 * history.h - the last messages of a room, for those who enter (XEP-0045
 * sections 7.2.13 and 7.2.14).
 */
#ifndef MUC_HISTORY_H
#define MUC_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct room;
struct session;
struct template;
struct xml;

struct history_item {
	int64_t stamp;		/* microseconds since 1970 */
	int64_t serial;		/* counts up in its room */
	struct history_item *next;
	bool buried;		/* replaced before, in this process */
	const char *original;	/* the room's id of the one in whose place it
				   was said, or NULL */
	size_t len;
	char text[];		/* the message after "<message" */
};

/* The oldest first. */
struct history {
	struct history_item *first, *last;
	size_t count;
	int64_t serial;		/* of the newest ever kept */
};

/* Keeps a message, as all get it, that was said at stamp, and at most size of
   them.  original may be NULL.  Returns it, or NULL when none is kept. */
const struct history_item *history_add(struct room *room,
				       const struct template *message,
				       int64_t stamp, const char *original,
				       size_t size);
/* Forgets the oldest, so that at most size are left. */
void history_trim(struct history *history, size_t size);
/* Puts back one that was stored, as the newest; one that is no message is left
   out, but its serial stays taken. */
void history_restore(struct history *history, int64_t serial, int64_t stamp,
		     const char *text, const char *original);
void history_clear(struct history *history);

/* Puts left, as XML, in place of all that the message holds to which the room
   gave that id, but for its ids; only if it is of the author with that
   pseudonym, where that is not NULL.  One that was replaced stays as it is, and
   so does, for its author, one that a moderator has removed.
   Returns whether it is there; *item_r is what is there instead now, or NULL
   when nothing has changed. */
bool history_replace(struct room *room, const char *id, const char *pseudonym,
		     const char *left, const struct history_item **item_r);

/* What somebody who enters asked for, smallest limit of all. */
struct history_request {
	size_t maxchars;	/* of the stanzas, not bytes */
	size_t maxstanzas;
	int64_t since;		/* microseconds since 1970 */
};

/* Reads <history/> in x, the muc element of a presence, or what is usual
   where it is silent.  Returns 0, or -1 with ERROR_BAD_REQUEST. */
int history_request(const struct xml *x, size_t usual,
		    struct history_request *request_r, struct error *err);

/* What that was, so that others know. */
struct history_sent {
	size_t bytes;		/* about */
	size_t messages;
	int64_t since;		/* the least of their stamps */
};

/* As session_send(), to all who are gathered only what is not limited by
   characters. */
struct history_sent history_send(const struct room *room,
				 const struct session *to,
				 const struct history_request *request);

#endif
