/*
 * delivery.h - handing a user's messages to a session that came: in order,
 * some at a time, and removing each once the router says that it was handed
 * over.
 */
#ifndef OFFLINE_DELIVERY_H
#define OFFLINE_DELIVERY_H

struct mailbox;
struct offline;

/* Delivers what there is, if there is a session that takes messages unasked.
   One that is under way goes on with what has come meanwhile. */
void delivery_start(struct mailbox *mailbox);

/* The service ends: what was to be tried again is not. */
void delivery_stop_all(struct offline *offline);

#endif
