/*
 * tap.h - a copy of a message that a shim sends (components/router/PROTOCOL
 * section 4), as the journal keeps it.
 */
#ifndef ARCHIVE_TAP_H
#define ARCHIVE_TAP_H

struct error;
struct hook_event;

/* Handler of taps. */
int tap_on_tap(struct hook_event *event, void *ctx, struct error *err);

#endif
