#include "shared/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/router.h"
#include "shared/uplink-private.h"
#include "t/lib/linkbed.h"

#define RECONNECTS 1000
#define MANY_FDS 1100
#define NAME "router.example"

/* What NAME resolves to at present, and how often it was asked for. */
static const char *address;
static int lookups;

/* In libuv's place: other names are not ours. */
int
uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *req, uv_getaddrinfo_cb fn,
	       const char *node, const char *service,
	       const struct addrinfo *hints)
{
	int (*real)(uv_loop_t *, uv_getaddrinfo_t *, uv_getaddrinfo_cb,
		    const char *, const char *, const struct addrinfo *);

	*(void **)&real = dlsym(RTLD_NEXT, "uv_getaddrinfo");
	assert_non_null(real);
	if (strcmp(node, NAME) == 0) {
		lookups++;
		node = address;
	}
	return real(loop, req, fn, node, service, hints);
}

static void
is_patient_when_the_secret_is_wrong(void **state)
{
	struct linkbed *bed = *state;
	uint64_t start;

	router_start(bed->router);
	peer_accept(&bed->peer);
	peer_send(&bed->peer, PEER_HEADER);
	peer_expect(&bed->peer, "</handshake>");
	peer_send(&bed->peer,
		  "<stream:error><not-authorized xmlns='urn:ietf:params:xml:"
		  "ns:xmpp-streams'/></stream:error></stream:stream>");
	peer_wait(&bed->peer, &bed->downs, 0);
	assert_string_equal(bed->why,
			    "the router ended the stream: not-authorized");
	start = uv_hrtime();
	linkbed_attach(bed);
	assert_in_range((uv_hrtime() - start) / 1000000, 390, 3000);
}

static void
notices_every_kind_of_end(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;

	linkbed_attach(bed);
	peer_send(peer, "<stream:error><system-shutdown xmlns='urn:ietf:"
			"params:xml:ns:xmpp-streams'/></stream:error>"
			"</stream:stream>");
	peer_wait(peer, &bed->downs, 0);
	assert_string_equal(bed->why,
			    "the router ended the stream: system-shutdown");
	linkbed_attach(bed);
	peer_send(peer, "</stream:stream>");
	peer_wait(peer, &bed->downs, 1);
	assert_string_equal(bed->why, "the router ended the stream");
	linkbed_attach(bed);
	peer_hang_up(peer);
	peer_wait(peer, &bed->downs, 2);
	assert_string_equal(bed->why, "the router closed the connection");
	linkbed_attach(bed);
	peer_reset(peer);
	peer_wait(peer, &bed->downs, 3);
	assert_string_equal(bed->why, "Connection reset by peer");
	linkbed_attach(bed);
	linkbed_assert_metric(bed, "annex_router_reconnects_total", "4");
}

static void
makes_the_link_anew(void **state)
{
	struct linkbed *bed = *state;

	router_renew(bed->router, "too early");
	linkbed_attach(bed);
	router_renew(bed->router, "we want it");
	assert_int_equal(bed->downs, 1);
	assert_string_equal(bed->why, "we want it");
	assert_false(router_is_up(bed->router));
	router_renew(bed->router, "again");
	assert_int_equal(bed->downs, 1);
	linkbed_attach(bed);
	linkbed_assert_metric(bed, "annex_router_reconnects_total", "1");
}

static void
reconnects_a_thousand_times(void **state)
{
	struct linkbed *bed = *state;
	int before;

	linkbed_attach(bed);
	before = peer_count_fds();
	for (int i = 0; i < RECONNECTS; i++) {
		if (i % 3 == 0)
			peer_send(&bed->peer, "</stream:stream>");
		else if (i % 3 == 1)
			peer_reset(&bed->peer);
		else
			peer_hang_up(&bed->peer);
		peer_wait(&bed->peer, &bed->downs, i);
		linkbed_attach(bed);
		assert_int_equal(peer_count_fds(), before);
	}
	assert_int_equal(bed->ups, RECONNECTS + 1);
}

static void
reconnects_with_many_descriptors_in_use(void **state)
{
	struct linkbed *bed = *state;
	struct rlimit limit;
	int fds[MANY_FDS];

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < MANY_FDS; i++) {
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(fds[i] >= 0);
	}
	for (int i = 0; i < 10; i++) {
		linkbed_attach(bed);
		peer_hang_up(&bed->peer);
		peer_wait(&bed->peer, &bed->downs, i);
	}
	for (int i = 0; i < MANY_FDS; i++)
		close(fds[i]);
}

static void
finds_a_dead_link(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;
	struct uplink_pace pace = linkbed_pace;
	char id[PEER_ID_SIZE];

	pace.idle_ms = 60;
	pace.dead_ms = 200;
	router_set_pace(bed->router, &pace);
	linkbed_attach(bed);
	/* The ping comes round, and is nobody else's business. */
	for (int i = 0; i < 3; i++) {
		peer_expect(peer, "<iq ");
		peer_expect_id(peer, id);
		peer_expect(peer, "from='muc.example' to='muc.example'>"
				  "<ping xmlns='urn:xmpp:ping'/></iq>");
		peer_answer(peer, "muc.example", "get", id);
	}
	peer_turn_for(peer, 250);
	assert_int_equal(bed->stanzas, 0);
	peer_wait(peer, &bed->downs, 0);
	assert_string_equal(bed->why, "the router does not answer");
	linkbed_attach(bed);
}

static void
gives_up_on_a_silent_router(void **state)
{
	struct linkbed *bed = *state;
	struct uplink_pace pace = linkbed_pace;

	pace.open_ms = 100;
	router_set_pace(bed->router, &pace);
	router_start(bed->router);
	peer_accept(&bed->peer);
	peer_wait(&bed->peer, &bed->downs, 0);
	assert_string_equal(bed->why, "the router sent no handshake");
	linkbed_attach(bed);
}

static void
looks_the_name_up_each_time(void **state)
{
	static const char *const addresses[] = {
		"127.0.0.2", "127.0.0.3", "127.0.0.1"
	};
	struct linkbed *bed = *state;

	router_close(&bed->router, 0, linkbed_on_closed, bed);
	peer_wait(&bed->peer, &bed->closed, 0);
	bed->closed = bed->downs = 0;
	bed->host = NAME;
	linkbed_make(bed, &linkbed_pace);
	address = "127.0.0.1";
	linkbed_attach(bed);
	for (int i = 0; i < 3; i++) {
		int before = lookups;

		address = addresses[i];
		peer_move(&bed->peer, address);
		linkbed_attach(bed);
		assert_true(lookups > before);
	}
	assert_int_equal(bed->ups, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINKBED_TEST(is_patient_when_the_secret_is_wrong),
		LINKBED_TEST(notices_every_kind_of_end),
		LINKBED_TEST(makes_the_link_anew),
		LINKBED_TEST(reconnects_a_thousand_times),
		LINKBED_TEST(reconnects_with_many_descriptors_in_use),
		LINKBED_TEST(finds_a_dead_link),
		LINKBED_TEST(gives_up_on_a_silent_router),
		LINKBED_TEST(looks_the_name_up_each_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
