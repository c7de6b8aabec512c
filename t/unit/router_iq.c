#include "shared/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "shared/error.h"
#include "shared/query.h"
#include "shared/str.h"
#include "t/lib/linkbed.h"

/* IQs that cost credit, over a whole link. */

static struct str told;		/* whose turn is over: "a+" or "a-" */

static void
on_told(void *ctx, const struct xml *answer)
{
	str_addf(&told, "%s%c", (const char *)ctx, answer ? '+' : '-');
}

static void
send_text(struct linkbed *bed, const char *name, const char *text)
{
	router_send_iq(bed->router, &(struct router_iq){
			.text = text, .len = strlen(text), .to = "host",
			.secs = 60, .fn = on_told, .ctx = (void *)name });
}

static void
send_iq(struct linkbed *bed, const char *name)
{
	char text[200];

	snprintf(text, sizeof(text), " type='get' from='muc.example' "
		 "to='host'><%s xmlns='urn:a'/></iq>", name);
	send_text(bed, name, text);
}

/* Waits for that IQ; another must not be there before it. */
static void
expect_iq(struct linkbed *bed, const char *name, char id[PEER_ID_SIZE])
{
	char text[40];

	peer_expect(&bed->peer, "<iq id='");
	while (bed->peer.got.len < PEER_ID_SIZE - 1)
		peer_turn(&bed->peer);
	snprintf(id, PEER_ID_SIZE, "%s", bed->peer.got.data);
	snprintf(text, sizeof(text), "<%s xmlns='urn:a'/></iq>", name);
	peer_expect(&bed->peer, text);
}

static int
set_up(void **state)
{
	str_clear(&told);
	str_addz(&told, "");
	linkbed_set_up(state);
	linkbed_attach(*state);
	return 0;
}

static int
tear_down(void **state)
{
	linkbed_tear_down(state);
	str_fini(&told);
	return 0;
}

static void
nothing_overtakes(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	send_iq(bed, "a");
	linkbed_send(bed, "one");
	send_iq(bed, "b");
	linkbed_send(bed, "two");
	expect_iq(bed, "a", id);
	peer_expect(&bed->peer, "<body>one</body></message>");
	peer_turn_for(&bed->peer, 5);
	assert_string_equal(bed->peer.got.data, "");
	peer_answer(&bed->peer, "host", "result", id);
	expect_iq(bed, "b", id);
	peer_expect(&bed->peer, "<body>two</body></message>");
	assert_string_equal(told.data, "a+");
	/* Refused, or not: the credit is given back. */
	peer_answer(&bed->peer, "host", "error", id);
	send_iq(bed, "c");
	expect_iq(bed, "c", id);
	assert_string_equal(told.data, "a+b+");
}

static void
as_many_as_there_is_credit_for(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	router_set_credit(bed->router, 2);
	send_iq(bed, "a");
	send_iq(bed, "b");
	send_iq(bed, "c");
	expect_iq(bed, "a", id);
	expect_iq(bed, "b", id);
	peer_turn_for(&bed->peer, 5);
	assert_string_equal(bed->peer.got.data, "");
	router_set_credit(bed->router, 3);
	expect_iq(bed, "c", id);
}

/* More than the queue's limit waits. */
static void
fill(struct linkbed *bed)
{
	static char body[5001];

	memset(body, 'x', sizeof(body) - 1);
	send_iq(bed, "a");
	send_iq(bed, "b");
	for (size_t n = 0; n <= LINKBED_QUEUE_BYTES; n += sizeof(body) - 1)
		linkbed_send(bed, body);
}

static void
input_waits_with_output(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	fill(bed);
	expect_iq(bed, "a", id);
	peer_send(&bed->peer, "<message from='a@b' to='muc.example' id='1'/>"
		  "<message from='a@b' to='muc.example' id='2'/>");
	peer_turn_for(&bed->peer, 20);
	assert_int_equal(bed->stanzas, 0);
	/* But for what ends it. */
	peer_answer(&bed->peer, "host", "result", id);
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_int_equal(bed->stanzas, 2);
	assert_non_null(strstr(bed->last.data, "id='2'"));
	linkbed_assert_metric(bed, "annex_router_waiting_bytes", "0");
}

/* Memory is bounded, whatever the router does. */
static void
reading_ends_when_much_came(void **state)
{
	struct linkbed *bed = *state;
	struct str text = { 0 };
	size_t sent = 0, n;

	fill(bed);
	for (int i = 0; i < 1000; i++)
		str_addz(&text, "<message from='a@b' to='muc.example'/>");
	for (int i = 0; i < 1000; i++) {
		n = peer_try_send(&bed->peer, text.data, text.len);
		sent += n;
		if (n < text.len)
			break;
		peer_turn_for(&bed->peer, 2);
	}
	str_fini(&text);
	assert_int_equal(bed->stanzas, 0);
	/* What is under way fills the sockets. */
	assert_true(sent < 20000000);
}

static void
a_lost_link_ends_waiting(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	fill(bed);
	peer_send(&bed->peer, "<message from='a@b' to='muc.example' id='1'/>");
	peer_turn_for(&bed->peer, 20);
	assert_int_equal(bed->stanzas, 0);
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->downs, 0);
	/* What came before is not forgotten. */
	assert_int_equal(bed->stanzas, 1);
	assert_string_equal(told.data, "a-b-");
	linkbed_attach(bed);
	send_iq(bed, "c");
	expect_iq(bed, "c", id);
}

static void
nobody_answers_without_a_link(void **state)
{
	struct linkbed *bed = *state;

	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->downs, 0);
	send_iq(bed, "a");
	assert_string_equal(told.data, "");
	while (told.len == 0)
		peer_turn(&bed->peer);
	assert_string_equal(told.data, "a-");
}

static void
all_is_sent_before_closing(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	send_iq(bed, "a");
	send_iq(bed, "b");
	linkbed_send(bed, "last");
	router_close(&bed->router, 5, linkbed_on_closed, bed);
	expect_iq(bed, "a", id);
	expect_iq(bed, "b", id);
	peer_expect(&bed->peer, "<body>last</body></message>");
	peer_expect(&bed->peer, "</stream:stream>");
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(told.len, strlen("a-b-"));
}

/* It may be closed by a stanza that waited. */
static void
closing_ends_what_came(void **state)
{
	struct linkbed *bed = *state;
	char id[PEER_ID_SIZE];

	bed->close_after_stanzas = 1;
	fill(bed);
	expect_iq(bed, "a", id);
	peer_send(&bed->peer, "<message from='a@b' to='muc.example' id='1'/>"
		  "<message from='a@b' to='muc.example' id='2'/>");
	peer_answer(&bed->peer, "host", "result", id);
	peer_wait(&bed->peer, &bed->stanzas, 0);
	peer_turn_for(&bed->peer, 20);
	assert_int_equal(bed->stanzas, 1);
}

static struct linkbed *before_bed;

static void
on_before(void *ctx)
{
	linkbed_send(before_bed, ctx);
}

static void
something_goes_before(void **state)
{
	struct linkbed *bed = *state;

	before_bed = bed;
	router_before(bed->router, on_before, (void *)"first");
	linkbed_send(bed, "second");
	linkbed_send(bed, "third");
	peer_expect(&bed->peer, "<body>first</body>");
	peer_expect(&bed->peer, "<body>second</body>");
	peer_expect(&bed->peer, "<body>third</body>");
	router_before(bed->router, on_before, (void *)"fourth");
	router_before(bed->router, NULL, NULL);
	linkbed_send(bed, "fifth");
	peer_expect(&bed->peer, "b/c'><body>fifth</body></message>");
	assert_null(strstr(bed->peer.got.data, "fourth"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_overtakes),
		TEST(as_many_as_there_is_credit_for),
		TEST(input_waits_with_output),
		TEST(reading_ends_when_much_came),
		TEST(a_lost_link_ends_waiting),
		TEST(nobody_answers_without_a_link),
		TEST(all_is_sent_before_closing),
		TEST(closing_ends_what_came),
		TEST(something_goes_before),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("router_iq", tests, NULL, NULL);
}
