/*
 * door.h - people who are let in together.
 *
 * What has to be sent when somebody enters would wait in the router behind
 * what it was asked before.  So who comes meanwhile waits at the door, and all
 * who do so are let in as one: see arrivals.h.  Nobody overtakes: whatever else
 * is sent to the room opens the door first.
 */
#ifndef MUC_DOOR_H
#define MUC_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "components/muc/arrivals.h"

struct error;
struct knock;
struct muc;
struct request;

/* Embedded; all zero is one where nobody waits. */
struct door {
	struct knock *knocks;
	size_t count;
	bool waiting;		/* for the router, to open */
	bool open;
	struct arrivals arrivals;	/* who has come in since it is */
};

void door_fini(struct door *door);

/* Keeps those who want to enter while the router is busy; a component's admit
   handler, which does what loading_admit() does as well. */
int door_admit(struct request *req, void *ctx, struct error *err);

/* Lets all in who wait. */
void door_open(struct muc *muc);

/* Tells of one who has entered: at once, or together with others. */
void door_tell(struct door *door, const struct arrival *arrival);
/* Tells at once of all of whom nothing was told yet. */
void door_tell_all(struct door *door);

#endif
