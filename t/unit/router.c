#include "shared/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/xml.h"
#include "t/lib/capture.h"
#include "t/lib/linkbed.h"

static void
attaches_and_talks(void **state)
{
	struct linkbed *bed = *state;

	assert_false(router_is_up(bed->router));
	linkbed_attach(bed);
	assert_int_equal(bed->downs, 0);
	linkbed_assert_metric(bed, "annex_router_up", "1");

	peer_send(&bed->peer, "<presence from='a@b/c' to='r@muc.example/n'"
				" xml:lang='de'/>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_string_equal(bed->last.data,
			    "<presence from='a@b/c' to='r@muc.example/n' "
			    "xml:lang='de'/>");
	linkbed_send(bed, "a < b");
	peer_expect(&bed->peer,
		    "<message from='r@muc.example/n' to='a@b/c'>"
		    "<body>a &lt; b</body></message>");
	linkbed_assert_metric(
		bed, "annex_router_stanzas_total{direction=\"in\"}", "1");
	linkbed_assert_metric(
		bed, "annex_router_stanzas_total{direction=\"out\"}", "1");
}

static void
takes_what_follows_the_handshake_at_once(void **state)
{
	struct linkbed *bed = *state;

	router_start(bed->router);
	peer_accept(&bed->peer);
	peer_expect(&bed->peer, "<stream:stream");
	peer_send(&bed->peer, PEER_HEADER);
	peer_expect(&bed->peer, PEER_DIGEST);
	peer_send(&bed->peer,
		  "<handshake/><message from='a@b' to='muc.example' id='1'/>"
		  "<message from='a@b' to='muc.example' id='2'/>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	peer_turn_for(&bed->peer, 5);
	assert_int_equal(bed->ups, 1);
	assert_int_equal(bed->stanzas, 2);
	assert_string_equal(
		bed->last.data,
		"<message from='a@b' to='muc.example' id='2'/>");
}

static void
refuses_what_is_too_large(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;

	linkbed_attach(bed);
	peer_send_long(peer, "<message from='a@b/c' to='r@muc.example' id='1' "
		       "type='groupchat'><body>", "</body></message>");
	peer_expect(peer, "<message from='r@muc.example' to='a@b/c' "
			  "type='error' id='1'>");
	peer_expect(peer, "<policy-violation ");
	peer_send_long(peer, "<iq from='a@b/c' to='r@muc.example' id='2' "
		       "type='set'><x xmlns='y'>", "</x></iq>");
	peer_expect(peer, "<iq from='r@muc.example' to='a@b/c' "
			  "type='error' id='2'>");
	/* To these there is no answer. */
	peer_send_long(peer, "<message from='a@b/c' to='r@muc.example' id='3' "
		       "type='error'><body>", "</body></message>");
	peer_send_long(peer, "<message from='@' to='r@muc.example' id='4'>"
		       "<body>", "</body></message>");
	peer_send(peer, "<message from='a@b/c' to='muc.example' id='5'/>");
	peer_wait(peer, &bed->stanzas, 0);
	assert_non_null(strstr(bed->last.data, "id='5'"));
	assert_null(strstr(peer->got.data, "<body"));
	assert_null(strstr(peer->got.data, "<x"));
	assert_int_equal(bed->downs, 0);
	peer_turn_for(peer, 5);
	assert_null(strstr(peer->got.data, "id='3'"));
	assert_null(strstr(peer->got.data, "id='4'"));
	linkbed_assert_metric(bed, "annex_router_dropped_total", "4");
}

static void
takes_more_than_it_sends(void **state)
{
	struct linkbed *bed = *state;
	struct router_template big = { .head_len = LINKBED_STANZA_BYTES };

	router_close(&bed->router, 0, linkbed_on_closed, bed);
	peer_wait(&bed->peer, &bed->closed, 0);
	bed->closed = bed->downs = 0;
	bed->taken_bytes = LINKBED_STANZA_BYTES * 10;
	linkbed_make(bed, &linkbed_pace);
	linkbed_attach(bed);
	peer_send_long(&bed->peer, "<message from='a@b' to='muc.example'>"
		       "<body>", "</body></message>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_non_null(strstr(bed->last.data, "xxx</body>"));
	assert_false(router_fits(bed->router, &big));
	linkbed_assert_metric(bed, "annex_router_dropped_total", "0");
}

static void
hands_on_what_is_wanted_of_the_refused(void **state)
{
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	bed->wants_refused = true;
	peer_send_long(&bed->peer, "<message from='a@b' to='muc.example'>"
		       "<x xmlns='y' a='1'><z>", "</z></x></message>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_memory_equal(bed->last.data,
			    "<message from='a@b' to='muc.example'>"
			    "<x xmlns='y' a='1'><z>xxx", 62);
	peer_turn_for(&bed->peer, 5);
	assert_null(strstr(bed->peer.got.data, "<message"));
	linkbed_assert_metric(bed, "annex_router_dropped_total", "0");
	linkbed_assert_metric(
		bed, "annex_router_stanzas_total{direction=\"in\"}", "1");
}

/* Anybody can send what is refused, as often as they like. */
static void
does_not_log_for_strangers(void **state)
{
	static struct capture said;
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	peer_send(&bed->peer, "<message from='a@b/c' to='r@muc.example'>"
			      "<a:b/></message><message/>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	capture_end(&said);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_string_equal(said.err, "");
	linkbed_assert_metric(bed, "annex_router_dropped_total", "1");
}

static void
drops_while_down(void **state)
{
	struct linkbed *bed = *state;

	linkbed_send(bed, "too early");
	linkbed_assert_metric(bed, "annex_router_dropped_total", "1");
	linkbed_attach(bed);
	linkbed_send(bed, "in time");
	peer_expect(&bed->peer, "in time");
	assert_null(strstr(bed->peer.got.data, "early"));
}

static void
sends_templates(void **state)
{
	struct linkbed *bed = *state;
	struct router_template template = {
		.head = "<presence from='r@m/n'", .head_len = 22,
		.tail = "><x xmlns='y'/></presence>", .tail_len = 26,
	};
	struct router_template big = template;

	linkbed_attach(bed);
	assert_true(router_fits(bed->router, &template));
	big.tail_len = LINKBED_STANZA_BYTES - 100;
	assert_false(router_fits(bed->router, &big));
	router_send_to(bed->router, &template, "a@b/c", 5);
	router_send_to(bed->router, &template, "d@e/f&amp;", 10);
	peer_expect(&bed->peer,
		    "<presence from='r@m/n' to='a@b/c'><x xmlns='y'/>"
		    "</presence>"
		    "<presence from='r@m/n' to='d@e/f&amp;'><x xmlns='y'/>"
		    "</presence>");
}

struct asked {
	struct linkbed *bed;
	int calls;
	bool answered;
	bool close;
};

static void
on_answer(void *ctx, const struct xml *el)
{
	struct asked *asked = ctx;

	asked->calls++;
	asked->answered = el != NULL;
	if (el != NULL)
		assert_string_equal(el->ns, NS_CLIENT);
	if (asked->close)
		router_close(&asked->bed->router, 1, linkbed_on_closed,
			     asked->bed);
}

static void
ask(struct linkbed *bed, struct asked *asked, unsigned secs)
{
	struct arena *arena = arena_new();
	struct xml *iq = stanza_new(arena, "iq", "muc.example", "a@b/c",
				    "get");

	*asked = (struct asked){ .bed = bed };
	xml_add(arena, iq, NS_PING, "ping");
	router_query(bed->router, arena, iq, secs, on_answer, asked);
	assert_int_equal(asked->calls, 0);
	arena_free(&arena);
}

static void
matches_answers(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;
	struct asked asked;
	char id[PEER_ID_SIZE];

	linkbed_attach(bed);
	ask(bed, &asked, 10);
	peer_expect_id(peer, id);
	/* A forged one goes where stanzas go that nobody asked for. */
	peer_answer(peer, "eve@b/c", "result", id);
	peer_wait(peer, &bed->stanzas, 0);
	assert_int_equal(asked.calls, 0);
	peer_answer(peer, "a@b/c", "result", id);
	peer_wait(peer, &asked.calls, 0);
	assert_true(asked.answered);
	assert_int_equal(bed->stanzas, 1);
	peer_answer(peer, "a@b/c", "result", id);
	peer_wait(peer, &bed->stanzas, 1);
	assert_int_equal(asked.calls, 1);
}

static void
fails_queries_without_a_link(void **state)
{
	struct linkbed *bed = *state;
	struct asked early, lost, late;

	ask(bed, &early, 100);
	peer_wait(&bed->peer, &early.calls, 0);
	assert_false(early.answered);
	linkbed_attach(bed);
	ask(bed, &lost, 100);
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &lost.calls, 0);
	assert_false(lost.answered);
	linkbed_attach(bed);
	ask(bed, &late, 1);
	peer_wait(&bed->peer, &late.calls, 0);
	assert_false(late.answered);
	assert_true(router_is_up(bed->router));
}

static void
fails_queries_that_are_too_large(void **state)
{
	struct linkbed *bed = *state;
	struct arena *arena = arena_new();
	struct xml *iq = stanza_new(arena, "iq", "muc.example", "a@b/c",
				    "get");
	char *text = arena_alloc(arena, LINKBED_STANZA_BYTES + 1);
	struct asked asked = { .bed = bed };

	linkbed_attach(bed);
	memset(text, 'x', LINKBED_STANZA_BYTES);
	xml_add_text(arena, iq, NS_PING, "ping", text);
	router_query(bed->router, arena, iq, 100, on_answer, &asked);
	assert_int_equal(asked.calls, 0);
	peer_wait(&bed->peer, &asked.calls, 0);
	assert_false(asked.answered);
	assert_true(router_is_up(bed->router));
	arena_free(&arena);
}

static void
fails_queries_when_closed(void **state)
{
	struct linkbed *bed = *state;
	struct asked asked;

	linkbed_attach(bed);
	ask(bed, &asked, 100);
	router_close(&bed->router, 10, linkbed_on_closed, bed);
	assert_int_equal(bed->closed, 0);
	peer_expect(&bed->peer, "</iq></stream:stream>");
	peer_expect_end(&bed->peer);
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(asked.calls, 1);
	assert_false(asked.answered);
	assert_int_equal(bed->downs, 0);
}

static void
delivers_all_before_closing(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;

	linkbed_attach(bed);
	peer->deaf = true;
	for (int i = 0; i < 100000; i++)
		linkbed_send(bed, "0123456789");
	linkbed_send(bed, "the end");
	router_close(&bed->router, 10, linkbed_on_closed, bed);
	/* Meanwhile the router goes on sending. */
	for (int i = 0; i < 10000; i++)
		peer_send(peer, "<message from='a@b' to='muc.example'/>");
	peer->deaf = false;
	peer_expect(peer, "the end</body></message></stream:stream>");
	assert_true(peer->total > 100000 * 76);
	peer_send(peer, "</stream:stream>");
	peer_wait(peer, &bed->closed, 0);
	assert_int_equal(bed->stanzas, 0);
}

static void
closes_in_time(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;
	uint64_t start;

	linkbed_attach(bed);
	peer->deaf = true;
	for (int i = 0; i < 100000; i++)
		linkbed_send(bed, "0123456789");
	peer_turn(peer);
	/* The loop's clock stood still since that turn began. */
	uv_update_time(&bed->loop);
	start = uv_hrtime();
	router_close(&bed->router, 1, linkbed_on_closed, bed);
	peer_wait(peer, &bed->closed, 0);
	assert_in_range((uv_hrtime() - start) / 1000000, 990, 3000);
}

static void
closes_whatever_it_is_doing(void **state)
{
	struct linkbed *bed = *state;

	for (int turns = 0; turns < 30; turns++) {
		router_start(bed->router);
		for (int i = 0; i < turns; i++)
			peer_turn(&bed->peer);
		router_close(&bed->router, 1, linkbed_on_closed, bed);
		peer_wait(&bed->peer, &bed->closed, 0);
		bed->closed = 0;
		linkbed_make(bed, &linkbed_pace);
	}
	assert_int_equal(bed->downs, 0);
}

static void
may_be_closed_by_a_stanza(void **state)
{
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	bed->close_after_stanzas = 2;
	peer_send(&bed->peer, "<message from='a' to='b'/>"
				"<message from='a' to='b'/>"
				"<message from='a' to='b'/>"
				"<message from='a' to='b'/></stream:stream>");
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(bed->stanzas, 2);
	assert_int_equal(bed->downs, 0);
}

static void
may_be_closed_when_up(void **state)
{
	struct linkbed *bed = *state;

	bed->close_on_up = true;
	router_start(bed->router);
	peer_accept(&bed->peer);
	peer_send(&bed->peer, PEER_HEADER);
	peer_expect(&bed->peer, "</handshake>");
	peer_send(&bed->peer, "<handshake/><message from='a' to='b'/>");
	peer_expect(&bed->peer, "</stream:stream>");
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(bed->stanzas, 0);
}

static void
may_be_closed_when_down(void **state)
{
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	bed->close_on_down = true;
	peer_send(&bed->peer, "<oops></wrong>");
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(bed->downs, 1);
	assert_int_equal(bed->ups, 1);
}

static void
may_be_closed_when_congested(void **state)
{
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	bed->close_on_congestion = true;
	bed->peer.deaf = true;
	while (bed->router != NULL) {
		for (int i = 0; i < 100 && bed->router != NULL; i++)
			linkbed_send(bed, "0123456789");
		peer_turn(&bed->peer);
	}
	bed->peer.deaf = false;
	peer_expect(&bed->peer, "</stream:stream>");
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
}

static void
may_be_closed_by_an_answer(void **state)
{
	struct linkbed *bed = *state;
	struct asked asked, other;
	char id[PEER_ID_SIZE];

	linkbed_attach(bed);
	ask(bed, &other, 10);
	ask(bed, &asked, 10);
	asked.close = true;
	peer_expect(&bed->peer, "</iq>");
	peer_expect_id(&bed->peer, id);
	peer_answer(&bed->peer, "a@b/c", "result", id);
	peer_expect(&bed->peer, "</stream:stream>");
	peer_hang_up(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	assert_int_equal(asked.calls, 1);
	assert_true(asked.answered);
	assert_int_equal(other.calls, 1);
	assert_false(other.answered);
}

#define ASKERS 12

struct asking {
	struct router *router;
	struct arena *arena;
	int again, calls;
};

static void on_asking_failed(void *ctx, const struct xml *el);

static void
query(struct asking *asking)
{
	struct xml *iq = stanza_new(asking->arena, "iq", "muc.example",
				    "a@b/c", "get");

	router_query(asking->router, asking->arena, iq, 10, on_asking_failed,
		     asking);
}

static void
on_asking_failed(void *ctx, const struct xml *el)
{
	struct asking *asking = ctx;

	assert_null(el);
	asking->calls++;
	if (asking->again-- > 0)
		query(asking);
}

/* Whenever it hears that the last one failed. */
static void
may_be_asked_while_it_closes(void **state)
{
	struct linkbed *bed = *state;
	struct asking asking[ASKERS];

	linkbed_attach(bed);
	for (int i = 0; i < ASKERS; i++) {
		asking[i] = (struct asking){ bed->router, arena_new(), i, 0 };
		query(&asking[i]);
	}
	router_close(&bed->router, 1, linkbed_on_closed, bed);
	peer_reset(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	for (int i = 0; i < ASKERS; i++) {
		assert_int_equal(asking[i].calls, i + 1);
		arena_free(&asking[i].arena);
	}
}

/* By the NULL that a lost link gives to one of many. */
static void
may_be_closed_by_a_lost_answer(void **state)
{
	struct linkbed *bed = *state;
	struct asked asked[3];

	linkbed_attach(bed);
	for (int i = 0; i < 3; i++)
		ask(bed, &asked[i], 10);
	asked[1].close = true;
	peer_reset(&bed->peer);
	peer_wait(&bed->peer, &bed->closed, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(asked[i].calls, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINKBED_TEST(attaches_and_talks),
		LINKBED_TEST(takes_what_follows_the_handshake_at_once),
		LINKBED_TEST(refuses_what_is_too_large),
		LINKBED_TEST(takes_more_than_it_sends),
		LINKBED_TEST(hands_on_what_is_wanted_of_the_refused),
		LINKBED_TEST(does_not_log_for_strangers),
		LINKBED_TEST(drops_while_down),
		LINKBED_TEST(sends_templates),
		LINKBED_TEST(matches_answers),
		LINKBED_TEST(fails_queries_without_a_link),
		LINKBED_TEST(fails_queries_that_are_too_large),
		LINKBED_TEST(fails_queries_when_closed),
		LINKBED_TEST(delivers_all_before_closing),
		LINKBED_TEST(closes_in_time),
		LINKBED_TEST(closes_whatever_it_is_doing),
		LINKBED_TEST(may_be_closed_by_a_stanza),
		LINKBED_TEST(may_be_closed_when_up),
		LINKBED_TEST(may_be_closed_when_down),
		LINKBED_TEST(may_be_closed_when_congested),
		LINKBED_TEST(may_be_closed_by_an_answer),
		LINKBED_TEST(may_be_closed_by_a_lost_answer),
		LINKBED_TEST(may_be_asked_while_it_closes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
