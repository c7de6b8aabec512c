/*
 * loading.h - requests that wait for their room to come from the store.
 */
#ifndef MUC_LOADING_H
#define MUC_LOADING_H

#include <stddef.h>

struct error;
struct request;

/* All that wait, whatever the room. */
struct loading {
	size_t count;
	size_t bytes;		/* about */
};

/* Keeps requests for rooms that may be stored but are not in memory, until
   they are; a component's admit handler.  Beyond what the process can keep
   the answer is ERROR_RESOURCE_CONSTRAINT, of type wait. */
int loading_admit(struct request *req, void *ctx, struct error *err);

#endif
