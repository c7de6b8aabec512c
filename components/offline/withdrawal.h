/*
 * withdrawal.h - giving up messages whose store was not answered in time: the
 * router has dealt with them itself (section 6 of the hook protocol).
 */
#ifndef OFFLINE_WITHDRAWAL_H
#define OFFLINE_WITHDRAWAL_H

struct error;
struct hook_event;

/* Handler of what the shims withdraw. */
int withdrawal_on_withdraw(struct hook_event *event, void *ctx,
			   struct error *err);

#endif
