/*
 * status.h - the command that says how a component is.
 */
#ifndef SHARED_STATUS_H
#define SHARED_STATUS_H

struct call;
struct command;

extern const struct command status_command;

/* One line of it, for what a component says of itself: its status of struct
   component.  The text is formatted. */
void status_add(struct call *call, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
