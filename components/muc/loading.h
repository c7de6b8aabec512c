/*
 * loading.h - requests that wait for their room to come from the store.
 */
#ifndef MUC_LOADING_H
#define MUC_LOADING_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct muc;
struct request;
struct room;

/* All that wait, whatever the room. */
struct loading {
	size_t count;
	size_t bytes;		/* about */
	bool people_missing;	/* somebody may be in a room that is not in
				   memory: restore.c's */
};

/* Keeps requests for rooms that may be stored but are not in memory, until
   they are, and for those that are held (queue.h); a component's admit
   handler.  Beyond what the process can keep
   the answer is ERROR_RESOURCE_CONSTRAINT, of type wait. */
int loading_admit(struct request *req, void *ctx, struct error *err);

/* The same for others than requests: brings the room into memory and calls fn,
   later, or from within when nothing is to be loaded.  err says that it could
   not be looked for; whether it is there now is to be seen. */
typedef void loading_fn(void *ctx, const struct error *err);
void loading_wait(struct muc *muc, const char *jid, loading_fn *fn, void *ctx);

/* The room was loaded, or could not be: lets go on what waits for it; a
   roomload_fn. */
void loading_done(struct room *room, bool found, const struct error *err);

#endif
