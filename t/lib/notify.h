/*
 * notify.h - a service manager, as far as sd_notify(3) knows it.
 *
 * From init to fini the environment names its socket, for the process and
 * those it forks.
 */
#ifndef T_LIB_NOTIFY_H
#define T_LIB_NOTIFY_H

struct notify {
	int fd;
	char last[512];
};

void notify_init(struct notify *notify);
void notify_fini(struct notify *notify);

/* The next message, which must come within ten seconds; valid until the one
   after it. */
const char *notify_next(struct notify *notify);
/* A message that is there already, or NULL. */
const char *notify_poll(struct notify *notify);

#endif
