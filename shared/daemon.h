/*
 * daemon.h - the process under its service manager: signals and sd_notify(3).
 */
#ifndef SHARED_DAEMON_H
#define SHARED_DAEMON_H

#include <uv.h>

struct daemon;
struct metrics;

struct daemon_events {
	void (*stop)(void *ctx);	/* SIGTERM or SIGINT; only once */
	void (*reload)(void *ctx);	/* SIGHUP */
};

/* Listens for signals, a second one to stop ending the process at once;
   feeds the watchdog if there is one; measures the loop's lag. */
struct daemon *daemon_new(uv_loop_t *loop, const char *component,
			  const struct daemon_events *events, void *ctx,
			  struct metrics *metrics);
/* The memory goes in the loop's next turn. */
void daemon_free(struct daemon **daemon);

enum daemon_state {
	DAEMON_WAITING,		/* not ready yet, but not stuck either */
	DAEMON_READY,
	DAEMON_RELOADING,
	DAEMON_STOPPING,
};

/* Tells the service manager; how often a daemon that waits is to say so. */
#define DAEMON_WAITING_SECS 10
void daemon_tell(enum daemon_state state);

#endif
