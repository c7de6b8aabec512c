/*
 * leaver.h - a user whose account was removed: what waited for him goes, as
 * whoever has the address next is another (section 4 of the hook protocol).
 */
#ifndef OFFLINE_LEAVER_H
#define OFFLINE_LEAVER_H

struct error;
struct hook_event;

/* Handler of taps, of which there are no others for us. */
int leaver_on_tap(struct hook_event *event, void *ctx, struct error *err);

#endif
