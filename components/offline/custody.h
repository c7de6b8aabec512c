/*
 * custody.h - taking a message over from the router (section 6 of the hook
 * protocol): judged, stored, and only then answered.
 */
#ifndef OFFLINE_CUSTODY_H
#define OFFLINE_CUSTODY_H

struct error;
struct hook_event;

/* Handler of what the shims ask to be stored. */
int custody_on_store(struct hook_event *event, void *ctx, struct error *err);

#endif
