/*
 * arrival.h - users who come and go, as the shims tell (section 7 of the hook
 * protocol): what waits for them is delivered.
 */
#ifndef OFFLINE_ARRIVAL_H
#define OFFLINE_ARRIVAL_H

struct error;
struct hook_event;

int arrival_on_online(struct hook_event *event, void *ctx, struct error *err);
int arrival_on_offline(struct hook_event *event, void *ctx,
		       struct error *err);

#endif
