#include "shared/dial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "t/lib/bed.h"
#include "t/lib/peer.h"

struct outcome {
	struct dial *dial;
	int calls;
	int fd;
	char text[400];
};

static void
on_outcome(void *ctx, int fd, const char *text)
{
	struct outcome *outcome = ctx;

	outcome->calls++;
	outcome->fd = fd;
	snprintf(outcome->text, sizeof(outcome->text), "%.399s", text);
	dial_free(&outcome->dial);
}

static void
dial(uv_loop_t *loop, struct outcome *outcome, const char *host,
     unsigned port)
{
	const struct dial_target target = { .host = host, .port = port,
					    .loopback_only = true,
					    .timeout_ms = 2000 };

	*outcome = (struct outcome){ .fd = -1 };
	outcome->dial = dial_new(loop, &target, on_outcome, outcome);
	assert_int_equal(outcome->calls, 0);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(outcome->calls, 1);
	assert_null(outcome->dial);
}

static int
option(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void
connects(void **state)
{
	/* Where localhost is ::1 first, the second address must do. */
	static const char *const hosts[] = { "127.0.0.1", "localhost" };
	uv_loop_t *loop = *state;
	struct outcome outcome;
	struct peer peer;

	peer_init(&peer, loop);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		dial(loop, &outcome, hosts[i], peer.port);
		assert_true(outcome.fd >= 0);
		assert_string_equal(outcome.text, "127.0.0.1");
		assert_true(fcntl(outcome.fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(outcome.fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(
			option(outcome.fd, IPPROTO_TCP, TCP_NODELAY), 1);
		assert_int_equal(
			option(outcome.fd, IPPROTO_TCP, TCP_USER_TIMEOUT),
			60000);
		close(outcome.fd);
	}
	peer_fini(&peer);
}

static const struct {
	const char *host;
	unsigned port;
	const char *says;
} failures[] = {
	/* Nobody listens on tcpmux. */
	{ "127.0.0.1", 1, "127.0.0.1 port 1 (127.0.0.1): "
			  "Connection refused" },
	{ "192.0.2.1", 5347, "192.0.2.1 port 5347 (192.0.2.1): the link is "
			     "clear text" },
	{ "::ffff:192.0.2.1", 5347, "the link is clear text" },
	{ "name.invalid", 5347, "name.invalid cannot be resolved: " },
	{ "", 5347, " cannot be resolved: " },
};

static void
says_why_not(void **state)
{
	struct outcome outcome;

	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		dial(*state, &outcome, failures[i].host, failures[i].port);
		assert_int_equal(outcome.fd, -1);
		if (strstr(outcome.text, failures[i].says) == NULL)
			fail_msg("%s: %s", failures[i].host, outcome.text);
	}
}

static void
gives_up_in_time(void **state)
{
	uv_loop_t *loop = *state;
	const struct dial_target target = { .host = "192.0.2.1", .port = 9,
					    .timeout_ms = 100 };
	struct outcome outcome = { .fd = -1 };
	uint64_t start = uv_hrtime();

	/* Nobody answers there (RFC 5737), or the network says so. */
	outcome.dial = dial_new(loop, &target, on_outcome, &outcome);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(outcome.calls, 1);
	assert_true(uv_hrtime() - start < UINT64_C(5000000000));
	if (outcome.fd >= 0)
		close(outcome.fd);	/* some proxy takes everything */
}

static void
may_be_freed_at_any_time(void **state)
{
	uv_loop_t *loop = *state;
	struct peer peer;

	peer_init(&peer, loop);
	for (int turns = 0; turns < 6; turns++) {
		const struct dial_target target = { .host = "localhost",
						    .port = peer.port,
						    .timeout_ms = 100 };
		struct outcome outcome = { .fd = -1 };

		outcome.dial = dial_new(loop, &target, on_outcome, &outcome);
		for (int i = 0; i < turns && outcome.calls == 0; i++)
			uv_run(loop, UV_RUN_ONCE);
		dial_free(&outcome.dial);
		if (outcome.fd >= 0)
			close(outcome.fd);
		outcome.calls = 0;
		uv_run(loop, UV_RUN_DEFAULT);
		assert_int_equal(outcome.calls, 0);
	}
	peer_fini(&peer);
}

static const struct {
	const char *address;
	bool loopback;
} addresses[] = {
	{ "127.0.0.1", true },	      { "127.255.1.2", true },
	{ "128.0.0.1", false },	      { "10.0.0.1", false },
	{ "0.0.0.0", false },	      { "::1", true },
	{ "::", false },	      { "::2", false },
	{ "::ffff:127.0.0.9", true }, { "::ffff:10.0.0.1", false },
	{ "fe80::1", false },
};

static void
knows_loopback(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		const char *text = addresses[i].address;
		struct sockaddr_in ip4 = { .sin_family = AF_INET };
		struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6 };
		bool is;

		if (inet_pton(AF_INET, text, &ip4.sin_addr) == 1) {
			is = dial_is_loopback((struct sockaddr *)&ip4);
		} else {
			assert_int_equal(
				inet_pton(AF_INET6, text, &ip6.sin6_addr), 1);
			is = dial_is_loopback((struct sockaddr *)&ip6);
		}
		if (is != addresses[i].loopback)
			fail_msg("%s", text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_LOOP_TEST(connects),
		BED_LOOP_TEST(says_why_not),
		BED_LOOP_TEST(gives_up_in_time),
		BED_LOOP_TEST(may_be_freed_at_any_time),
		cmocka_unit_test(knows_loopback),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
