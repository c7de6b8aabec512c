#include "shared/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/peer.h"

#define ROUNDS 1000
#define MANY_FDS 1100

static void
feed(struct handshake *hs, const char *text, struct str *out)
{
	struct error err = { 0 };

	str_clear(out);
	assert_int_equal(
		handshake_feed(hs, text, strlen(text), out, &err), 0);
}

static void
negotiate(struct handshake *hs, struct str *out)
{
	struct error err = { 0 };

	str_clear(out);
	assert_int_equal(
		handshake_begin(hs, "muc.example", "secret", out, &err), 0);
	assert_non_null(strstr(out->data, "<stream:stream "));
	assert_non_null(strstr(out->data, "to=\"muc.example\""));
	assert_non_null(
		strstr(out->data, "xmlns=\"jabber:component:accept\""));

	feed(hs, PEER_HEADER, out);
	assert_non_null(strstr(out->data, ">" PEER_DIGEST "</handshake>"));
	assert_false(handshake_is_done(hs));

	feed(hs, "<handshake/>", out);
	assert_string_equal(out->data, "");
	assert_true(handshake_is_done(hs));
}

static void
opens_a_stream(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 };

	(void)state;
	negotiate(hs, &out);
	handshake_end(hs);
	assert_false(handshake_is_done(hs));
	handshake_free(&hs);
	assert_null(hs);
	handshake_free(&hs);
	str_fini(&out);
}

/* More than libstrophe reads at a time. */
static void
takes_a_long_header(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 }, text = { 0 };
	struct error err = { 0 };

	(void)state;
	str_addz(&text, PEER_HEADER);
	while (text.len < 20000)
		str_addc(&text, ' ');
	assert_int_equal(handshake_begin(hs, "a", "secret", &out, &err), 0);
	feed(hs, text.data, &out);
	assert_non_null(strstr(out.data, PEER_DIGEST));
	handshake_free(&hs);
	str_fini(&out);
	str_fini(&text);
}

/* A router without a stream id, or that ends at once. */
static void
fails_when_the_stream_ends(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(handshake_begin(hs, "a", "secret", &out, &err), 0);
	feed(hs, PEER_HEADER, &out);
	assert_int_equal(
		handshake_feed(hs, "</stream:stream>", 16, &out, &err), -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	assert_false(handshake_is_done(hs));
	/* And the next attempt is not spoilt by it. */
	negotiate(hs, &out);
	handshake_free(&hs);
	str_fini(&out);
}

static void
may_be_abandoned_at_any_point(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 };
	struct error err = { 0 };

	(void)state;
	handshake_end(hs);
	assert_int_equal(handshake_begin(hs, "a", "secret", &out, &err), 0);
	handshake_end(hs);
	assert_int_equal(handshake_begin(hs, "a", "secret", &out, &err), 0);
	feed(hs, PEER_HEADER, &out);
	assert_int_equal(handshake_begin(hs, "a", "secret", &out, &err), 0);
	handshake_free(&hs);
	str_fini(&out);
}

static void
leaks_nothing_in_a_thousand_rounds(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 };
	int before;

	(void)state;
	negotiate(hs, &out);
	handshake_end(hs);
	before = peer_count_fds();
	for (int i = 0; i < ROUNDS; i++) {
		negotiate(hs, &out);
		handshake_end(hs);
	}
	assert_int_equal(peer_count_fds(), before);
	handshake_free(&hs);
	str_fini(&out);
}

static void
open_many(int fds[MANY_FDS])
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < MANY_FDS; i++) {
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(fds[i] >= 0);
	}
	assert_true(fds[MANY_FDS - 1] >= 1024);
}

static void
close_many(const int fds[MANY_FDS])
{
	for (int i = 0; i < MANY_FDS; i++)
		close(fds[i]);
}

/* select() knows no descriptor above 1023. */
static void
works_when_low_descriptors_are_taken(void **state)
{
	struct handshake *hs = handshake_new();
	struct str out = { 0 };
	int fds[MANY_FDS];

	(void)state;
	open_many(fds);
	for (int i = 0; i < 100; i++) {
		negotiate(hs, &out);
		handshake_end(hs);
	}
	close_many(fds);
	handshake_free(&hs);
	str_fini(&out);
}

static void
says_when_there_is_no_low_descriptor(void **state)
{
	struct handshake *hs;
	struct str out = { 0 };
	struct error err = { 0 };
	int fds[MANY_FDS];

	(void)state;
	open_many(fds);
	hs = handshake_new();
	assert_int_equal(handshake_begin(hs, "a", "b", &out, &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	close_many(fds);
	negotiate(hs, &out);
	handshake_free(&hs);
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_stream),
		cmocka_unit_test(takes_a_long_header),
		cmocka_unit_test(fails_when_the_stream_ends),
		cmocka_unit_test(may_be_abandoned_at_any_point),
		cmocka_unit_test(leaks_nothing_in_a_thousand_rounds),
		cmocka_unit_test(works_when_low_descriptors_are_taken),
		cmocka_unit_test(says_when_there_is_no_low_descriptor),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
