/*
 * queue.h - requests that wait for one room: until it is loaded, or until what
 * is to be said in it first is in the journal.
 */
#ifndef MUC_QUEUE_H
#define MUC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct loading;
struct request;
struct room;

/* One in room->waiting. */
struct waiting {
	struct request *req;	/* NULL: fn is called */
	void (*fn)(void *ctx, const struct error *err);
	void *ctx;
	size_t bytes;
	struct waiting *prev, *next;
};

/* Whether one more of so many bytes may wait, for the room, which may be NULL;
   a single large one may always.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT of type wait. */
int queue_check(const struct loading *loading, const struct room *room,
		size_t bytes, struct error *err);
/* Adds it as the last one. */
struct waiting *queue_add(struct room *room, struct request *req,
			  size_t bytes);

/* Something is to be said before all else that is asked of the room, but for
   what goes the same way next; or it is no longer, and what waits goes on.  The
   latter may end the room. */
void queue_hold(struct room *room);
void queue_let_go(struct room *room);
/* Whether the request has to wait for that. */
bool queue_is_held(const struct room *room, const struct request *req);

/* The room goes: so does what waits. */
void queue_give_up(struct room *room);

#endif
