#include "shared/daemon.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/log.h"
#include "shared/metric.h"
#include "t/lib/notify.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NOT_REACHED 99

struct bed {
	uv_loop_t loop;
	struct metrics *metrics;
	struct daemon *daemon;
	struct notify notify;
	int stops, reloads;
};

static void
on_stop(void *ctx)
{
	struct bed *bed = ctx;

	bed->stops++;
}

static void
on_reload(void *ctx)
{
	struct bed *bed = ctx;

	bed->reloads++;
}

static void
make_daemon(struct bed *bed)
{
	static const struct daemon_events events = {
		.stop = on_stop, .reload = on_reload,
	};

	bed->daemon = daemon_new(&bed->loop, "test", &events, bed,
				 bed->metrics);
}

static int
set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	*state = bed;
	assert_non_null(bed);
	log_configure("annex-test", LOG_LEVEL_ERROR, false);
	assert_int_equal(uv_loop_init(&bed->loop), 0);
	bed->metrics = metrics_new();
	notify_init(&bed->notify);
	return 0;
}

/* Nothing may be left in the loop. */
static int
tear_down(void **state)
{
	struct bed *bed = *state;

	daemon_free(&bed->daemon);
	assert_null(bed->daemon);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	notify_fini(&bed->notify);
	metrics_free(&bed->metrics);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	free(bed);
	return 0;
}

static void
take(struct bed *bed, int signum)
{
	int before = bed->stops + bed->reloads;

	raise(signum);
	while (bed->stops + bed->reloads == before)
		uv_run(&bed->loop, UV_RUN_ONCE);
}

static void
reloads_at_every_hup(void **state)
{
	struct bed *bed = *state;

	make_daemon(bed);
	take(bed, SIGHUP);
	take(bed, SIGHUP);
	assert_int_equal(bed->reloads, 2);
	assert_int_equal(bed->stops, 0);
}

static void
stops_at_term_and_int(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		make_daemon(bed);
		take(bed, signals[i]);
		assert_int_equal(bed->stops, (int)i + 1);
		daemon_free(&bed->daemon);
		uv_run(&bed->loop, UV_RUN_DEFAULT);
	}
	assert_int_equal(bed->reloads, 0);
}

static void
still_reloads_while_stopping(void **state)
{
	struct bed *bed = *state;

	make_daemon(bed);
	take(bed, SIGTERM);
	take(bed, SIGHUP);
	assert_int_equal(bed->stops, 1);
	assert_int_equal(bed->reloads, 1);
}

/* Somebody who waits for nothing any more. */
static void
ends_at_once_when_told_twice(void **state)
{
	struct bed *bed = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		log_configure("annex-test", LOG_LEVEL_ERROR + 1, false);
		uv_loop_fork(&bed->loop);
		make_daemon(bed);
		take(bed, SIGINT);
		take(bed, SIGTERM);
		_exit(NOT_REACHED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

static void
takes_no_signal_once_freed(void **state)
{
	struct bed *bed = *state;
	struct sigaction action;

	make_daemon(bed);
	daemon_free(&bed->daemon);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(sigaction(SIGTERM, NULL, &action), 0);
	assert_true(action.sa_handler == SIG_DFL);
}

static const struct {
	enum daemon_state state;
	const char *message;
} messages[] = {
	{ DAEMON_WAITING, "STATUS=Waiting for the database\n"
			  "EXTEND_TIMEOUT_USEC=20000000" },
	{ DAEMON_READY, "READY=1\nSTATUS=Running" },
	{ DAEMON_STOPPING, "STOPPING=1\nSTATUS=Stopping" },
};

static void
tells_the_service_manager(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		daemon_tell(messages[i].state);
		assert_string_equal(notify_next(&bed->notify),
				    messages[i].message);
	}
	assert_null(notify_poll(&bed->notify));
}

/* With the time, as Type=notify-reload wants it. */
static void
tells_when_it_reloads(void **state)
{
	static const char head[] = "RELOADING=1\nMONOTONIC_USEC=";
	struct bed *bed = *state;
	uint64_t before_us = uv_hrtime() / 1000, said_us;
	const char *said;
	char *end;

	daemon_tell(DAEMON_RELOADING);
	said = notify_next(&bed->notify);
	assert_memory_equal(said, head, strlen(head));
	said_us = strtoull(said + strlen(head), &end, 10);
	assert_string_equal(end, "");
	assert_in_range(said_us, before_us, uv_hrtime() / 1000);
}

static void
feeds_the_watchdog(void **state)
{
	struct bed *bed = *state;

	setenv("WATCHDOG_USEC", "10000", 1);
	make_daemon(bed);
	for (int fed = 0; fed < 5;) {
		const char *said = notify_poll(&bed->notify);

		if (said == NULL) {
			uv_run(&bed->loop, UV_RUN_ONCE);
			continue;
		}
		assert_string_equal(said, "WATCHDOG=1");
		fed++;
	}
}

static void
feeds_no_watchdog_of_others(void **state)
{
	struct bed *bed = *state;

	setenv("WATCHDOG_USEC", "1", 1);
	setenv("WATCHDOG_PID", "1", 1);
	make_daemon(bed);
	take(bed, SIGHUP);
	assert_null(notify_poll(&bed->notify));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(reloads_at_every_hup),
		TEST(stops_at_term_and_int),
		TEST(still_reloads_while_stopping),
		TEST(ends_at_once_when_told_twice),
		TEST(takes_no_signal_once_freed),
		TEST(tells_the_service_manager),
		TEST(tells_when_it_reloads),
		TEST(feeds_the_watchdog),
		TEST(feeds_no_watchdog_of_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
