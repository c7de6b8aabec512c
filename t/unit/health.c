#include "shared/health.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/component.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "shared/router.h"
#include "shared/store.h"
#include "shared/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static bool linked, up, hooked;

/* Stand in for the link, the database and the shims. */
void
hook_add_missing(const struct hook *hook, struct str *out)
{
	assert_non_null(hook);
	if (!hooked)
		str_addz(out, "there is no shim\n");
}

bool
router_is_up(const struct router *router)
{
	assert_non_null(router);
	return linked;
}

bool
store_is_up(const struct store *store)
{
	assert_non_null(store);
	return up;
}

static uv_loop_t loop;
static struct runtime runtime;
static struct health *health;
static struct sockaddr_in name;

/* A port nobody has: bound for a moment. */
static void
take_port(void)
{
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	name = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	close(fd);
}

static int
setup(void **state)
{
	struct error err = { 0 };
	char listen[32];

	(void)state;
	take_port();
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){
		.loop = &loop, .metrics = metrics_new(),
		.router = (struct router *)&runtime,
		.store = (struct store *)&runtime,
		.hook = (struct hook *)&runtime,
	};
	snprintf(listen, sizeof(listen), "127.0.0.1:%u",
		 ntohs(name.sin_port));
	return health_new(&runtime, listen, &health, &err);
}

static int
teardown(void **state)
{
	(void)state;
	health_free(&health);
	health_free(&health);
	uv_run(&loop, UV_RUN_DEFAULT);
	metrics_free(&runtime.metrics);
	return uv_loop_close(&loop);
}

/* The whole answer to a GET. */
static const char *
get(const char *path)
{
	static char text[8192];
	time_t until = time(NULL) + 10;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t n = -1;

	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)),
			 0);
	dprintf(fd, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		path);
	while (n != 0 && time(NULL) < until) {
		uv_run(&loop, UV_RUN_NOWAIT);
		n = recv(fd, text + len, sizeof(text) - 1 - len,
			 MSG_DONTWAIT);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	close(fd);
	return text;
}

static void
assert_answer(const char *path, const char *status, const char *body)
{
	const char *text = get(path);
	const char *end = strstr(text, "\r\n\r\n");

	assert_memory_equal(text, "HTTP/1.1 ", 9);
	assert_memory_equal(text + 9, status, strlen(status));
	assert_non_null(end);
	assert_string_equal(end + 4, body);
}

static const struct {
	bool linked, up, hooked;
	const char *status, *body;
} cases[] = {
	{ true, true, true, "200", "ready\n" },
	{ false, true, true, "503", "the router is not linked\n" },
	{ true, false, true, "503", "the database is away\n" },
	{ false, false, true, "503",
	  "the router is not linked\nthe database is away\n" },
	{ true, true, false, "503", "there is no shim\n" },
};

static void
ready_says_what_is_missing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		linked = cases[i].linked;
		up = cases[i].up;
		hooked = cases[i].hooked;
		assert_answer("/readyz", cases[i].status, cases[i].body);
		assert_answer("/healthz", "200", "alive\n");
	}
}

/* As it is while starting and stopping. */
static void
nothing_there_is_not_ready(void **state)
{
	(void)state;
	linked = up = true;
	runtime.router = NULL;
	runtime.store = NULL;
	runtime.hook = NULL;
	assert_answer("/readyz", "503",
		      "the router is not linked\nthe database is away\n");
}

static void
add_missing(void *ctx, struct str *out)
{
	str_addz(out, ctx);
}

static void
ready_asks_the_component(void **state)
{
	char text[20] = "no cake\n";

	(void)state;
	linked = up = hooked = true;
	health_ask(health, add_missing, text);
	assert_answer("/readyz", "503", "no cake\n");
	text[0] = '\0';
	assert_answer("/readyz", "200", "ready\n");
}

static void
metrics_are_served(void **state)
{
	(void)state;
	metric_set(metric_gauge(runtime.metrics, "a", "", "A."), 3);
	assert_answer("/metrics", "200",
		      "# HELP a A.\n# TYPE a gauge\na 3\n");
	assert_non_null(strstr(get("/metrics"), "Content-Type: text/plain; "
			       "version=0.0.4; charset=utf-8\r\n"));
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(ready_says_what_is_missing),
		TEST(nothing_there_is_not_ready),
		TEST(ready_asks_the_component),
		TEST(metrics_are_served),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
