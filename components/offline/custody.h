/*
 * custody.h - taking a message over from the router (section 6 of the hook
 * protocol): judged, stored, and only then answered.
 */
#ifndef OFFLINE_CUSTODY_H
#define OFFLINE_CUSTODY_H

#include <stdbool.h>

struct error;
struct hook_event;
struct mailbox;

/* Handler of what the shims ask to be stored. */
int custody_on_store(struct hook_event *event, void *ctx, struct error *err);

/* Leaves a message to the router that has not been judged yet.  Returns
   whether there is one of that id. */
bool custody_give_up(struct mailbox *mailbox, const char *id);
/* Drops those that have not been judged yet: nobody will be there to read
   them. */
void custody_discard(struct mailbox *mailbox);

#endif
