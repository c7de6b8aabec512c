#include "components/offline/delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/office.h"
#include "components/offline/suspect.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "t/lib/capture.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define COUNT "SELECT COUNT(*) FROM offline_message"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static char text[1000], id[100];

/* In place of libuv's: a pause is over when the test says so. */
static uint64_t now_ms, pause_ms;
static uv_timer_cb tick;
static uv_timer_t *timer;

int
uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout,
	       uint64_t repeat)
{
	(void)repeat;
	timer = handle;
	tick = cb;
	pause_ms = timeout;
	return 0;
}

uint64_t
uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return now_ms;
}

static const char *
end_pause(struct offlinebed *bed)
{
	now_ms += pause_ms;
	tick(timer);
	fake_store_tell(bed->store);
	return hookbed_sent(bed->hooks);
}

static const char *
leave(struct offlinebed *bed, const char *name)
{
	snprintf(text, sizeof(text),
		 "<iq type='set' id='q' from='example' to='comp.example'>"
		 "<store xmlns='urn:x-annex:0' id='%s' user='j@example'>"
		 "<forwarded xmlns='urn:xmpp:forward:0'>"
		 "<message xmlns='jabber:client' from='r@b/c' to='j@example' "
		 "type='chat'><body>%s</body></message></forwarded></store>"
		 "</iq>", name, name);
	return offlinebed_receive(bed, text);
}

static const char *
come(struct offlinebed *bed, const char *resource, int priority)
{
	snprintf(text, sizeof(text),
		 "<message from='example' to='comp.example'>"
		 "<online xmlns='urn:x-annex:0' jid='j@example/%s'>"
		 "<presence xmlns='jabber:client' from='j@example/%s'>"
		 "<priority>%d</priority></presence></online></message>",
		 resource, resource, priority);
	return offlinebed_receive(bed, text);
}

static const char *
go(struct offlinebed *bed, const char *resource)
{
	snprintf(text, sizeof(text),
		 "<message from='example' to='comp.example'><offline "
		 "xmlns='urn:x-annex:0' jid='j@example/%s'/></message>",
		 resource);
	return offlinebed_receive(bed, text);
}

/* The request to deliver, whose id is kept. */
static void
expect_delivery(const char *sent, const char *session)
{
	const char *at = strstr(sent, "<deliver "), *of;

	assert_non_null(at);
	assert_non_null(strstr(at, session));
	for (of = at; strncmp(of, "<iq ", 4) != 0; of--)
		assert_ptr_not_equal(of, sent);
	of = strstr(of, " id='");
	assert_non_null(of);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(of + 5, "'"), of + 5);
}

static const char *
result(void)
{
	snprintf(text, sizeof(text), "<iq type='result' id='%s' "
		 "from='example' to='comp.example'/>", id);
	return text;
}

static const char *
answer(struct offlinebed *bed, const char *type, const char *content)
{
	snprintf(text, sizeof(text), "<iq type='%s' id='%s' from='example' "
		 "to='comp.example'>%s</iq>", type, id, content);
	return offlinebed_receive(bed, text);
}

static const char *
refuse(struct offlinebed *bed, const char *type, const char *condition)
{
	char content[200];

	snprintf(content, sizeof(content), "<error type='%s'><%s "
		 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
		 type, condition);
	return answer(bed, "error", content);
}

static struct capture said;

/* The same; what is logged goes to said. */
static const char *
refuse_aloud(struct offlinebed *bed, const char *type, const char *condition)
{
	const char *sent;

	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	sent = refuse(bed, type, condition);
	capture_end(&said);
	return sent;
}

static void
delivers_in_order_and_forgets(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent, *first;

	leave(bed, "x1");
	leave(bed, "x2");
	sent = come(bed, "b", 0);
	expect_delivery(sent, "j@example/b");
	first = strstr(sent, "<body>x1</body>");
	assert_non_null(first);
	assert_non_null(strstr(first, "<body>x2</body>"));
	assert_int_equal(fake_store_ask(bed->store, COUNT), 2);
	assert_non_null(strstr(answer(bed, "result", ""), "x1\nx2</forget>"));
	assert_int_equal(fake_store_ask(bed->store, COUNT), 0);
}

static void
delivers_nothing_below_zero(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	assert_string_equal(come(bed, "b", -1), "");
	expect_delivery(come(bed, "b", 1), "j@example/b");
}

static void
goes_on_with_another_session(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	assert_string_equal(come(bed, "c", 0), "");
	expect_delivery(refuse(bed, "cancel", "item-not-found"),
			"j@example/c");
	answer(bed, "result", "");
	assert_int_equal(fake_store_ask(bed->store, COUNT), 0);
}

static void
delivers_what_comes_meanwhile(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	leave(bed, "x2");
	expect_delivery(answer(bed, "result", ""), "j@example/b");
	answer(bed, "result", "");
	assert_int_equal(fake_store_ask(bed->store, COUNT), 0);
}

/* Nobody knows whether the shim did it. */
static void
keeps_what_was_not_answered(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	fake_router_time_out(bed->hooks->runtime.router);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
}

static void
passes_over_what_cannot_be_read(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	leave(bed, "x3");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message' WHERE id = 'x2'");
	sent = come(bed, "b", 0);
	expect_delivery(sent, "j@example/b");
	assert_null(strstr(sent, "x3"));
	sent = answer(bed, "result", "");
	assert_non_null(strstr(sent, "x3"));
	expect_delivery(sent, "j@example/b");
	answer(bed, "result", "");
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
}

/* What is being removed was never counted. */
static void
counts_what_comes_while_others_are_removed(void **state)
{
	struct offlinebed *bed = *state;

	fake_store_ask(bed->store, "INSERT INTO offline_message (jid, id, "
		       "sender, resource, arrived, stamp, stanza) VALUES "
		       "('j@example', 'x1', 'r@b', 'c', 1, 1, "
		       "'<message xmlns=''jabber:client''/>')");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	hookbed_receive(bed->hooks, result());
	expect_delivery(leave(bed, "x2"), "j@example/b");
}

/* The shim has to know what it must not hand over. */
static void
forgets_what_is_withdrawn_after_it_was_handed_over(void **state)
{
	static const char withdraw[] =
		"<message from='example' to='comp.example'><withdraw "
		"xmlns='urn:x-annex:0' user='j@example'>x1</withdraw>"
		"</message>";
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	assert_string_equal(offlinebed_receive(bed, withdraw), "");
	assert_non_null(strstr(answer(bed, "result", ""), ">x1</forget>"));
}

static void
asks_for_no_more_once_it_stops(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	leave(bed, "x2");
	office_stop(bed->offline);
	assert_null(strstr(answer(bed, "result", ""), "<deliver "));
	assert_null(bed->offline->mailboxes->delivery);
}

static void
pauses_for_longer_each_time(void **state)
{
	static const struct {
		uint64_t least, most;
	} pauses[] = {
		{ 5000, 5000 }, { 5000, 10000 }, { 10000, 20000 },
		{ 20000, 40000 }, { 40000, 80000 }, { 60000, 120000 },
		{ 60000, 120000 },
	};
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		assert_string_equal(refuse(bed, "wait", "resource-constraint"),
				    "");
		assert_in_range(pause_ms, pauses[i].least, pauses[i].most);
		expect_delivery(end_pause(bed), "j@example/b");
	}
}

/* Has the router fail until it is tried again after a minute at least. */
static void
fail_for_long(struct offlinebed *bed)
{
	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	for (int i = 0; i < 5; i++) {
		refuse(bed, "wait", "resource-constraint");
		expect_delivery(end_pause(bed), "j@example/b");
	}
	refuse(bed, "wait", "resource-constraint");
	assert_in_range(pause_ms, 60000, 120000);
	now_ms += 5000;
}

static void
tries_at_once_when_another_session_takes_them(void **state)
{
	struct offlinebed *bed = *state;

	fail_for_long(bed);
	expect_delivery(come(bed, "c", 0), "j@example/c");
	refuse(bed, "wait", "resource-constraint");
	assert_int_equal(pause_ms, 5000);
	now_ms += 5000;
	expect_delivery(go(bed, "c"), "j@example/b");
	refuse(bed, "wait", "resource-constraint");
	assert_int_equal(pause_ms, 5000);
	now_ms += 5000;
	assert_string_equal(come(bed, "b", -1), "");
	expect_delivery(come(bed, "b", 0), "j@example/b");
}

static void
tries_no_sooner_for_presence_alone(void **state)
{
	struct offlinebed *bed = *state;

	fail_for_long(bed);
	pause_ms = 0;
	for (int i = 0; i < 10; i++) {
		assert_string_equal(come(bed, "b", i), "");
		assert_string_equal(come(bed, "c", -1), "");
	}
	assert_string_equal(go(bed, "c"), "");
	assert_int_equal(pause_ms, 0);
}

/* However often sessions come and go. */
static void
tries_no_sooner_than_after_the_first_pause(void **state)
{
	struct offlinebed *bed = *state;

	fail_for_long(bed);
	expect_delivery(come(bed, "c", 0), "j@example/c");
	refuse(bed, "wait", "resource-constraint");
	for (int i = 1; i < 5; i++) {
		now_ms += 1000;
		assert_string_equal(go(bed, "c"), "");
		assert_string_equal(come(bed, "c", 0), "");
		assert_int_equal(pause_ms, 5000 - i * 1000);
	}
	expect_delivery(end_pause(bed), "j@example/c");
}

static void
tries_soon_after_it_went_well(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	refuse(bed, "wait", "resource-constraint");
	expect_delivery(end_pause(bed), "j@example/b");
	refuse(bed, "wait", "resource-constraint");
	expect_delivery(end_pause(bed), "j@example/b");
	leave(bed, "x2");
	expect_delivery(answer(bed, "result", ""), "j@example/b");
	refuse(bed, "wait", "resource-constraint");
	assert_int_equal(pause_ms, 5000);
}

static void
waits_for_the_database_for_as_long_each_time(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	fake_store_set_away(bed->store, true);
	assert_string_equal(come(bed, "b", 0), "");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pause_ms, 5000);
		assert_string_equal(end_pause(bed), "");
	}
	fake_store_set_away(bed->store, false);
	expect_delivery(end_pause(bed), "j@example/b");
}

/* What comes meanwhile is no reason to try. */
static void
asks_for_less_after_a_failure(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	refuse(bed, "wait", "resource-constraint");
	assert_null(strstr(leave(bed, "x3"), "<deliver "));
	sent = end_pause(bed);
	expect_delivery(sent, "j@example/b");
	assert_non_null(strstr(sent, "x1"));
	assert_null(strstr(sent, "x2"));
	sent = answer(bed, "result", "");
	assert_non_null(strstr(sent, "<body>x2</body>"));
	assert_non_null(strstr(sent, "<body>x3</body>"));
}

static void
says_once_that_it_fails_and_once_that_it_works(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	assert_int_equal(bed->offline->failing, 0);
	refuse_aloud(bed, "cancel", "service-unavailable");
	assert_non_null(strstr(said.err, "messages for j@example/b were not "
			       "delivered: service-unavailable\n"));
	assert_int_equal(bed->offline->failing, 1);
	expect_delivery(end_pause(bed), "j@example/b");
	refuse_aloud(bed, "wait", "resource-constraint");
	assert_string_equal(said.err, "");
	expect_delivery(end_pause(bed), "j@example/b");

	capture_begin(&said);
	answer(bed, "result", "");
	capture_end(&said);
	assert_non_null(strstr(said.err, "messages for j@example/b are "
			       "delivered again\n"));
	assert_int_equal(bed->offline->failing, 0);
}

static uint64_t
count_passed_over(const struct offlinebed *bed)
{
	return bed->offline->counts[OFFLINE_PASSED_OVER]->value;
}

static bool
holds(const char *sent, const char *body)
{
	char element[50];

	snprintf(element, sizeof(element), "<body>%s</body>", body);
	return strstr(sent, element) != NULL;
}

/* Leaves x1 to x4, of which the router refuses x3, and has the others
   delivered in order. */
static void
have_one_refused(struct offlinebed *bed)
{
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	leave(bed, "x3");
	leave(bed, "x4");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	sent = refuse_aloud(bed, "modify", "bad-request");
	assert_string_equal(said.err, "");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2") && !holds(sent, "x3"));
	sent = answer(bed, "result", "");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x3") && holds(sent, "x4"));
	sent = refuse(bed, "modify", "bad-request");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x3") && !holds(sent, "x4"));
	sent = refuse_aloud(bed, "modify", "bad-request");
	assert_non_null(strstr(said.err, "x3 for j@example/b was passed over, "
			       "and stays: bad-request\n"));
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x4"));
	answer(bed, "result", "");
}

/* It stays, and stops no other. */
static void
passes_over_what_the_router_refuses(void **state)
{
	struct offlinebed *bed = *state;

	have_one_refused(bed);
	assert_int_equal(offlinebed_stored(bed, "id = 'x3'"), 1);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 1);
	assert_int_equal(count_passed_over(bed), 1);
	assert_int_equal(bed->offline->deliveries, 0);
}

static void
tries_what_was_refused_with_another_session(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	have_one_refused(bed);
	assert_string_equal(come(bed, "b", 0), "");
	sent = leave(bed, "x5");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x5") && !holds(sent, "x3"));
	answer(bed, "result", "");
	assert_int_equal(count_passed_over(bed), 1);

	sent = come(bed, "c", 0);
	expect_delivery(sent, "j@example/c");
	assert_true(holds(sent, "x3"));
	answer(bed, "result", "");
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 0);
}

#define FAULT "cancel", "internal-server-error"

/* Has the shim fail over x1, the first of two, until it is left out for x2.
   It is asked for less at once, and waits only for the single one. */
static void
fail_over_the_first(struct offlinebed *bed)
{
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	sent = refuse(bed, FAULT);
	for (int i = 0; i < SUSPECT_FAILURES; i++) {
		expect_delivery(sent, "j@example/b");
		assert_true(holds(sent, "x1") && !holds(sent, "x2"));
		assert_string_equal(refuse(bed, FAULT), "");
		sent = end_pause(bed);
	}
	expect_delivery(sent, "j@example/b");
	sent = refuse(bed, FAULT);
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2") && !holds(sent, "x1"));
}

static void
passes_over_what_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	fail_over_the_first(bed);
	sent = answer(bed, "result", "");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x1"));
	refuse_aloud(bed, FAULT);
	assert_non_null(strstr(said.err, "x1 for j@example/b was passed over, "
			       "and stays: internal-server-error\n"));
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(offlinebed_stored(bed, "id = 'x1'"), 1);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 1);
	assert_int_equal(count_passed_over(bed), 1);
}

/* It is tried once: the shim may have been mended. */
static void
remembers_what_the_shim_failed_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	fail_over_the_first(bed);
	expect_delivery(answer(bed, "result", ""), "j@example/b");
	refuse(bed, FAULT);
	go(bed, "b");
	leave(bed, "x3");
	sent = come(bed, "c", 0);
	expect_delivery(sent, "j@example/c");
	assert_true(holds(sent, "x1") && holds(sent, "x3"));
	expect_delivery(refuse(bed, FAULT), "j@example/c");
	sent = refuse(bed, FAULT);
	expect_delivery(sent, "j@example/c");
	assert_true(holds(sent, "x3"));
	answer(bed, "result", "");
	assert_int_equal(count_passed_over(bed), 2);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 1);
}

/* They hold up none of those after them. */
static void
passes_over_two_that_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	fail_over_the_first(bed);
	leave(bed, "x3");
	sent = refuse(bed, FAULT);
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x3"));
	sent = answer(bed, "result", "");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x1") && holds(sent, "x2"));
	expect_delivery(refuse(bed, FAULT), "j@example/b");
	sent = refuse(bed, FAULT);
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2"));
	refuse(bed, FAULT);
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(count_passed_over(bed), 2);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 2);
}

/* More than any number that is left out at a time. */
#define BAD 100

/* The shim as it fails over all messages but the last. */
static const char *
fail_over_bad(struct offlinebed *bed, const char *sent)
{
	char last[20];

	snprintf(last, sizeof(last), "no %d", BAD + 1);
	if (*sent == '\0')
		return end_pause(bed);
	expect_delivery(sent, "j@example/b");
	if (offlineshim_times(sent, "<body>") == 1 && holds(sent, last))
		return answer(bed, "result", "");
	return refuse(bed, FAULT);
}

static void
passes_over_any_number_that_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, "j@example", BAD + 1, "r@b");
	sent = come(bed, "b", 0);
	for (int i = 0; i < 10 * BAD && bed->offline->deliveries > 0; i++)
		sent = fail_over_bad(bed, sent);
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), BAD);
	assert_int_equal(count_passed_over(bed), BAD);
}

/* None of them lasts for as long as it takes to suspect one. */
static void
passes_over_what_the_shim_fails_over_in_short_sessions(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	for (int i = 0; i < SUSPECT_FAILURES; i++) {
		expect_delivery(come(bed, "b", 0), "j@example/b");
		expect_delivery(refuse(bed, FAULT), "j@example/b");
		assert_string_equal(refuse(bed, FAULT), "");
		expect_delivery(end_pause(bed), "j@example/b");
		sent = refuse(bed, FAULT);
		if (*sent != '\0')
			break;
		go(bed, "b");
		now_ms += 5000;
		tick(timer);
	}
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2") && !holds(sent, "x1"));
}

static void
passes_over_nothing_when_the_shim_fails_over_all(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	fail_over_the_first(bed);
	assert_string_equal(refuse(bed, FAULT), "");
	sent = end_pause(bed);
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x1"));
	sent = answer(bed, "result", "");
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2"));
	answer(bed, "result", "");
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 0);
	assert_int_equal(count_passed_over(bed), 0);
}

/* Nobody answers what was on its way. */
static void
suspects_nothing_when_the_link_ends(void **state)
{
	struct offlinebed *bed = *state;
	struct router *router = bed->hooks->runtime.router;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	expect_delivery(refuse(bed, FAULT), "j@example/b");
	for (int i = 0; i < 2 * SUSPECT_FAILURES; i++) {
		fake_router_cut(router, true);
		fake_router_time_out(router);
		assert_string_equal(hookbed_sent(bed->hooks), "");
		fake_router_cut(router, false);
		sent = end_pause(bed);
		expect_delivery(sent, "j@example/b");
		assert_true(holds(sent, "x1"));
	}
}

static void
tries_the_only_message_for_ever(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect_delivery(come(bed, "b", 0), "j@example/b");
	for (int i = 0; i < 3 * SUSPECT_FAILURES; i++) {
		assert_string_equal(refuse(bed, FAULT), "");
		expect_delivery(end_pause(bed), "j@example/b");
	}
	answer(bed, "result", "");
	assert_int_equal(count_passed_over(bed), 0);
	assert_int_equal(offlinebed_stored(bed, "1 = 1"), 0);
}

/* The router's limit was higher once. */
static void
passes_over_what_became_too_large(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	fake_store_ask(bed->store, "UPDATE offline_message SET stanza = "
		       "'<message xmlns=''jabber:client''><body>' || "
		       "hex(zeroblob(4000)) || '</body></message>' "
		       "WHERE id = 'x1'");
	sent = come(bed, "b", 0);
	expect_delivery(sent, "j@example/b");
	assert_true(holds(sent, "x2"));
	answer(bed, "result", "");
	assert_int_equal(offlinebed_stored(bed, "id = 'x1'"), 1);
	assert_int_equal(count_passed_over(bed), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, offlinebed_setup, \
						   offlinebed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delivers_in_order_and_forgets),
		TEST(delivers_nothing_below_zero),
		TEST(goes_on_with_another_session),
		TEST(delivers_what_comes_meanwhile),
		TEST(keeps_what_was_not_answered),
		TEST(passes_over_what_cannot_be_read),
		TEST(counts_what_comes_while_others_are_removed),
		TEST(forgets_what_is_withdrawn_after_it_was_handed_over),
		TEST(asks_for_no_more_once_it_stops),
		TEST(pauses_for_longer_each_time),
		TEST(tries_at_once_when_another_session_takes_them),
		TEST(tries_no_sooner_for_presence_alone),
		TEST(tries_no_sooner_than_after_the_first_pause),
		TEST(tries_soon_after_it_went_well),
		TEST(waits_for_the_database_for_as_long_each_time),
		TEST(asks_for_less_after_a_failure),
		TEST(says_once_that_it_fails_and_once_that_it_works),
		TEST(passes_over_what_the_router_refuses),
		TEST(tries_what_was_refused_with_another_session),
		TEST(passes_over_what_became_too_large),
		TEST(passes_over_what_the_shim_fails_over),
		TEST(remembers_what_the_shim_failed_over),
		TEST(passes_over_two_that_the_shim_fails_over),
		TEST(passes_over_any_number_that_the_shim_fails_over),
		TEST(passes_over_what_the_shim_fails_over_in_short_sessions),
		TEST(passes_over_nothing_when_the_shim_fails_over_all),
		TEST(suspects_nothing_when_the_link_ends),
		TEST(tries_the_only_message_for_ever),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_delivery", tests, NULL,
					   NULL);
}
