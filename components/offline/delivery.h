/*
 * delivery.h - handing a user's messages to a session that came: in order,
 * some at a time, and removing each once the router says that it was handed
 * over.
 */
#ifndef OFFLINE_DELIVERY_H
#define OFFLINE_DELIVERY_H

#include <stdbool.h>

struct mailbox;
struct offline;

/* Delivers what there is, if there is a session that takes messages unasked.
   One that is under way goes on with what has come meanwhile; one that failed,
   when its pause is over. */
void delivery_start(struct mailbox *mailbox);
/* The same, now that another session takes them, or that one again: one that
   failed is tried again at once, but no sooner than after its first pause. */
void delivery_wake(struct mailbox *mailbox);

/* Whether it has been read, and is still to be handed over or being so: then
   it is forgotten after that. */
bool delivery_holds(const struct mailbox *mailbox, const char *id);

/* The service ends: what was to be tried again is not. */
void delivery_stop_all(struct offline *offline);

#endif
