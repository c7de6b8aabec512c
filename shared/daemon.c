#include "shared/daemon.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/lag.h"
#include "shared/log.h"

#define US_PER_MS 1000

enum { ON_TERM, ON_INT, ON_HUP, SIGNALS };

struct daemon {
	struct daemon_events events;
	void *ctx;
	bool stopping;
	uv_signal_t signals[SIGNALS];
	uv_timer_t watchdog;
	struct lag lag;
	unsigned handles;	/* not yet closed */
};

static void
on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *daemon = handle->data;

	if (signum == SIGHUP) {
		daemon->events.reload(daemon->ctx);
		return;
	}
	if (daemon->stopping) {
		log_warning("daemon: a second signal, leaving at once");
		_exit(EXIT_FAILURE);
	}
	daemon->stopping = true;
	daemon->events.stop(daemon->ctx);
}

static void
on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	sd_notify(0, "WATCHDOG=1");
}

static void
start_watchdog(struct daemon *daemon, uv_loop_t *loop)
{
	uint64_t every_us, every_ms;

	uv_timer_init(loop, &daemon->watchdog);
	daemon->watchdog.data = daemon;
	if (sd_watchdog_enabled(0, &every_us) <= 0)
		return;
	every_ms = every_us / US_PER_MS / 2;
	uv_timer_start(&daemon->watchdog, on_watchdog, 0,
		       every_ms > 0 ? every_ms : 1);
	uv_unref((uv_handle_t *)&daemon->watchdog);
}

struct daemon *
daemon_new(uv_loop_t *loop, const char *component,
	   const struct daemon_events *events, void *ctx,
	   struct metrics *metrics)
{
	static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	struct daemon *daemon;

	ensure((daemon = calloc(1, sizeof(*daemon))) != NULL);
	daemon->events = *events;
	daemon->ctx = ctx;
	for (int i = 0; i < SIGNALS; i++) {
		uv_signal_t *handle = &daemon->signals[i];

		uv_signal_init(loop, handle);
		handle->data = daemon;
		ensure(uv_signal_start(handle, on_signal, numbers[i]) == 0);
	}
	start_watchdog(daemon, loop);
	lag_init(&daemon->lag, loop, metrics, component);
	/* The signals', the watchdog's, and two of the lag. */
	daemon->handles = SIGNALS + 1 + 2;
	return daemon;
}

static void
on_closed(uv_handle_t *handle)
{
	struct daemon *daemon = handle->data;

	if (--daemon->handles == 0)
		free(daemon);
}

static void
on_lag_closed(uv_handle_t *handle)
{
	struct lag *lag = handle->data;

	handle->data = (char *)lag - offsetof(struct daemon, lag);
	on_closed(handle);
}

void
daemon_free(struct daemon **daemon)
{
	struct daemon *old = *daemon;

	if (old == NULL)
		return;
	*daemon = NULL;
	for (int i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&old->signals[i], on_closed);
	uv_close((uv_handle_t *)&old->watchdog, on_closed);
	lag_fini(&old->lag, on_lag_closed);
}

static void
tell_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		   (uint64_t)now.tv_sec * 1000000 +
		   (uint64_t)now.tv_nsec / 1000);
}

void
daemon_tell(enum daemon_state state)
{
	switch (state) {
	case DAEMON_WAITING:
		/* Twice as long as it takes to say so again. */
		sd_notifyf(0, "STATUS=Waiting for the database\n"
			   "EXTEND_TIMEOUT_USEC=%u",
			   2 * DAEMON_WAITING_SECS * 1000000U);
		break;
	case DAEMON_READY:
		sd_notify(0, "READY=1\nSTATUS=Running");
		break;
	case DAEMON_RELOADING:
		tell_reloading();
		break;
	case DAEMON_STOPPING:
		sd_notify(0, "STOPPING=1\nSTATUS=Stopping");
		break;
	}
}
