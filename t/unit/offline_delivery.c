#include "components/offline/delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/office.h"
#include "components/offline/suspect.h"
#include "shared/arena.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/str.h"
#include "t/lib/capture.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

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
	return arena_strdup(bed->hooks->arena, hookbed_sent(bed->hooks));
}

static const char *
leave(struct offlinebed *bed, const char *id)
{
	return offlineshim_store(bed, USER, id, "r@b/c");
}

static const char *
come(struct offlinebed *bed, const char *resource, int priority)
{
	struct arena *arena = bed->hooks->arena;

	return offlineshim_online(
		bed, arena_printf(arena, USER "/%s", resource),
		arena_printf(arena, "<priority>%d</priority>", priority));
}

static const char *
go(struct offlinebed *bed, const char *resource)
{
	return offlineshim_offline(bed, arena_printf(bed->hooks->arena,
						     USER "/%s", resource));
}

/* The texts of the messages in what was sent, as "x1 x2". */
static const char *
texts(struct offlinebed *bed, const char *sent)
{
	struct str list = { 0 };
	const char *text;

	while ((sent = strstr(sent, "<body>")) != NULL) {
		sent += strlen("<body>");
		str_addf(&list, "%s%.*s", list.len > 0 ? " " : "",
			 (int)strcspn(sent, "<"), sent);
	}
	text = arena_dup(bed->hooks->arena, list.data != NULL ? list.data : "",
			 list.len);
	str_fini(&list);
	return text;
}

static void
assert_is_for(struct offlinebed *bed, const char *sent, const char *resource)
{
	const char *whose = arena_printf(bed->hooks->arena,
					 "jid='" USER "/%s'", resource);

	if (strstr(sent, whose) == NULL)
		fail_msg("no %s in %s", whose, sent);
}

/* What the shim is asked for, and answers: a condition, or DONE.  PAUSE is that
   it is asked for nothing until a pause is over. */
struct step {
	const char *texts, *condition;
};

#define DONE NULL
#define PAUSE { "", NULL }
#define FULL "resource-constraint"
#define FAULT "internal-server-error"

/* Returns what was sent after the last of these steps. */
static const char *
exchange(struct offlinebed *bed, const char *sent, const char *resource,
	 const struct step *steps)
{
	for (; steps->texts != NULL; steps++) {
		assert_string_equal(texts(bed, sent), steps->texts);
		if (*steps->texts == '\0') {
			sent = end_pause(bed);
			continue;
		}
		assert_is_for(bed, sent, resource);
		sent = steps->condition == DONE ?
			       offlineshim_done(bed, sent) :
			       offlineshim_fail(bed, sent, steps->condition);
	}
	return sent;
}

#define EXCHANGE(bed, sent, resource, ...) \
	exchange(bed, sent, resource, \
		 (const struct step[]){ __VA_ARGS__, { NULL, NULL } })

/* What the shim is asked for now. */
static void
expect(struct offlinebed *bed, const char *sent, const char *resource,
       const char *wanted)
{
	assert_string_equal(texts(bed, sent), wanted);
	assert_is_for(bed, sent, resource);
}

static struct capture said;

/* Answers that; what is logged goes to said. */
static const char *
fail_aloud(struct offlinebed *bed, const char *sent, const char *condition)
{
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	sent = offlineshim_fail(bed, sent, condition);
	capture_end(&said);
	return sent;
}

static uint64_t
count_passed_over(const struct offlinebed *bed)
{
	return bed->offline->counts[OFFLINE_PASSED_OVER]->value;
}

static int64_t
count_stored(struct offlinebed *bed)
{
	return offlinebed_stored(bed, "1 = 1");
}

static void
delivers_in_order_and_forgets(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	sent = come(bed, "b", 0);
	expect(bed, sent, "b", "x1 x2");
	assert_int_equal(count_stored(bed), 2);
	assert_non_null(strstr(offlineshim_done(bed, sent),
			       "x1\nx2</forget>"));
	assert_int_equal(count_stored(bed), 0);
}

static void
delivers_nothing_below_zero(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	assert_string_equal(come(bed, "b", -1), "");
	expect(bed, come(bed, "b", 1), "b", "x1");
}

static void
goes_on_with_another_session(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	assert_string_equal(come(bed, "c", 0), "");
	sent = EXCHANGE(bed, sent, "b", { "x1", "item-not-found" });
	EXCHANGE(bed, sent, "c", { "x1", DONE });
	assert_int_equal(count_stored(bed), 0);
}

static void
delivers_what_comes_meanwhile(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	leave(bed, "x2");
	EXCHANGE(bed, sent, "b", { "x1", DONE }, { "x2", DONE });
	assert_int_equal(count_stored(bed), 0);
}

/* Nobody knows whether the shim did it. */
static void
keeps_what_was_not_answered(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	expect(bed, come(bed, "b", 0), "b", "x1");
	fake_router_time_out(bed->hooks->runtime.router);
	assert_int_equal(count_stored(bed), 1);
}

static void
passes_over_what_cannot_be_read(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	leave(bed, "x2");
	leave(bed, "x3");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message' WHERE id = 'x2'");
	EXCHANGE(bed, come(bed, "b", 0), "b", { "x1", DONE }, { "x3", DONE });
	assert_int_equal(count_stored(bed), 1);
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
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='result' id='%s' from='example' "
		"to='comp.example'/>",
		offlineshim_id(bed, come(bed, "b", 0))));
	expect(bed, leave(bed, "x2"), "b", "x2");
}

/* The shim has to know what it must not hand over. */
static void
forgets_what_is_withdrawn_after_it_was_handed_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	assert_string_equal(offlineshim_withdraw(bed, USER, "x1"), "");
	assert_non_null(strstr(offlineshim_done(bed, sent), ">x1</forget>"));
}

static void
asks_for_no_more_once_it_stops(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	leave(bed, "x2");
	office_stop(bed->offline);
	assert_null(strstr(offlineshim_done(bed, sent), "<deliver "));
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
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		sent = EXCHANGE(bed, sent, "b", { "x1", FULL });
		assert_in_range(pause_ms, pauses[i].least, pauses[i].most);
		sent = end_pause(bed);
	}
	expect(bed, sent, "b", "x1");
}

/* Has the router fail until it is tried again after a minute at least. */
static void
fail_for_long(struct offlinebed *bed)
{
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	for (int i = 0; i < 5; i++)
		sent = EXCHANGE(bed, sent, "b", { "x1", FULL }, PAUSE);
	EXCHANGE(bed, sent, "b", { "x1", FULL });
	assert_in_range(pause_ms, 60000, 120000);
	now_ms += 5000;
}

static void
tries_at_once_when_another_session_takes_them(void **state)
{
	struct offlinebed *bed = *state;

	fail_for_long(bed);
	EXCHANGE(bed, come(bed, "c", 0), "c", { "x1", FULL });
	assert_int_equal(pause_ms, 5000);
	now_ms += 5000;
	EXCHANGE(bed, go(bed, "c"), "b", { "x1", FULL });
	assert_int_equal(pause_ms, 5000);
	now_ms += 5000;
	assert_string_equal(come(bed, "b", -1), "");
	expect(bed, come(bed, "b", 0), "b", "x1");
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
	EXCHANGE(bed, come(bed, "c", 0), "c", { "x1", FULL });
	for (int i = 1; i < 5; i++) {
		now_ms += 1000;
		assert_string_equal(go(bed, "c"), "");
		assert_string_equal(come(bed, "c", 0), "");
		assert_int_equal(pause_ms, 5000 - i * 1000);
	}
	expect(bed, end_pause(bed), "c", "x1");
}

static void
tries_soon_after_it_went_well(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = EXCHANGE(bed, come(bed, "b", 0), "b", { "x1", FULL }, PAUSE,
			{ "x1", FULL }, PAUSE);
	leave(bed, "x2");
	EXCHANGE(bed, sent, "b", { "x1", DONE }, { "x2", FULL });
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
	expect(bed, end_pause(bed), "b", "x1");
}

/* What comes meanwhile is no reason to try. */
static void
asks_for_less_after_a_failure(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	leave(bed, "x2");
	EXCHANGE(bed, come(bed, "b", 0), "b", { "x1 x2", FULL });
	assert_null(strstr(leave(bed, "x3"), "<deliver "));
	EXCHANGE(bed, "", "b", PAUSE, { "x1", DONE }, { "x2 x3", DONE });
}

static void
says_once_that_it_fails_and_once_that_it_works(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	assert_int_equal(bed->offline->failing, 0);
	fail_aloud(bed, sent, "service-unavailable");
	assert_non_null(strstr(said.err, "messages for j@example/b were not "
			       "delivered: service-unavailable\n"));
	assert_int_equal(bed->offline->failing, 1);
	fail_aloud(bed, end_pause(bed), FULL);
	assert_string_equal(said.err, "");

	sent = end_pause(bed);
	capture_begin(&said);
	offlineshim_done(bed, sent);
	capture_end(&said);
	assert_non_null(strstr(said.err, "messages for j@example/b are "
			       "delivered again\n"));
	assert_int_equal(bed->offline->failing, 0);
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
	sent = fail_aloud(bed, come(bed, "b", 0), "bad-request");
	assert_string_equal(said.err, "");
	sent = EXCHANGE(bed, sent, "b", { "x1 x2", DONE },
			{ "x3 x4", "bad-request" });
	expect(bed, sent, "b", "x3");
	sent = fail_aloud(bed, sent, "bad-request");
	assert_non_null(strstr(said.err, "x3 for j@example/b was passed over, "
			       "and stays: bad-request\n"));
	EXCHANGE(bed, sent, "b", { "x4", DONE });
}

/* It stays, and stops no other. */
static void
passes_over_what_the_router_refuses(void **state)
{
	struct offlinebed *bed = *state;

	have_one_refused(bed);
	assert_int_equal(offlinebed_stored(bed, "id = 'x3'"), 1);
	assert_int_equal(count_stored(bed), 1);
	assert_int_equal(count_passed_over(bed), 1);
	assert_int_equal(bed->offline->deliveries, 0);
}

static void
tries_what_was_refused_with_another_session(void **state)
{
	struct offlinebed *bed = *state;

	have_one_refused(bed);
	assert_string_equal(come(bed, "b", 0), "");
	EXCHANGE(bed, leave(bed, "x5"), "b", { "x5", DONE });
	assert_int_equal(count_passed_over(bed), 1);
	EXCHANGE(bed, come(bed, "c", 0), "c", { "x3", DONE });
	assert_int_equal(count_stored(bed), 0);
}

/* Has the shim fail over x1, the first of two, until it is left out for x2.
   It is asked for less at once, and waits only for the single one.  Returns
   the request for x2. */
static const char *
fail_over_the_first(struct offlinebed *bed)
{
	const char *sent;

	leave(bed, "x1");
	leave(bed, "x2");
	sent = EXCHANGE(bed, come(bed, "b", 0), "b", { "x1 x2", FAULT });
	for (int i = 0; i < SUSPECT_FAILURES; i++)
		sent = EXCHANGE(bed, sent, "b", { "x1", FAULT }, PAUSE);
	return EXCHANGE(bed, sent, "b", { "x1", FAULT });
}

static void
passes_over_what_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	sent = EXCHANGE(bed, fail_over_the_first(bed), "b", { "x2", DONE });
	expect(bed, sent, "b", "x1");
	fail_aloud(bed, sent, FAULT);
	assert_non_null(strstr(said.err, "x1 for j@example/b was passed over, "
			       "and stays: internal-server-error\n"));
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(offlinebed_stored(bed, "id = 'x1'"), 1);
	assert_int_equal(count_stored(bed), 1);
	assert_int_equal(count_passed_over(bed), 1);
}

/* It is tried once: the shim may have been mended. */
static void
remembers_what_the_shim_failed_over(void **state)
{
	struct offlinebed *bed = *state;

	EXCHANGE(bed, fail_over_the_first(bed), "b", { "x2", DONE },
		 { "x1", FAULT });
	go(bed, "b");
	leave(bed, "x3");
	EXCHANGE(bed, come(bed, "c", 0), "c", { "x1 x3", FAULT },
		 { "x1", FAULT }, { "x3", DONE });
	assert_int_equal(count_passed_over(bed), 2);
	assert_int_equal(count_stored(bed), 1);
}

/* They hold up none of those after them. */
static void
passes_over_two_that_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent = fail_over_the_first(bed);

	leave(bed, "x3");
	EXCHANGE(bed, sent, "b", { "x2", FAULT }, { "x3", DONE },
		 { "x1 x2", FAULT }, { "x1", FAULT }, { "x2", FAULT });
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(count_passed_over(bed), 2);
	assert_int_equal(count_stored(bed), 2);
}

/* More than are left out at first. */
#define BAD 100

/* The shim as it fails over all messages but the last. */
static const char *
fail_over_bad(struct offlinebed *bed, const char *sent, const char *good)
{
	if (*sent == '\0')
		return end_pause(bed);
	if (strcmp(texts(bed, sent), good) == 0)
		return offlineshim_done(bed, sent);
	return offlineshim_fail(bed, sent, FAULT);
}

static void
passes_over_any_number_that_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent, *good = arena_printf(bed->hooks->arena, "no %d",
					       BAD + 1);

	offlinebed_fill(bed, USER, BAD + 1, "r@b");
	sent = come(bed, "b", 0);
	for (int i = 0; i < 10 * BAD && bed->offline->deliveries > 0; i++)
		sent = fail_over_bad(bed, sent, good);
	assert_int_equal(bed->offline->deliveries, 0);
	assert_int_equal(count_stored(bed), BAD);
	assert_int_equal(count_passed_over(bed), BAD);
}

/* None of them lasts for as long as it takes to suspect one. */
static void
suspects_what_fails_in_short_sessions_as_well(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent = "";

	leave(bed, "x1");
	leave(bed, "x2");
	for (int i = 0; i < SUSPECT_FAILURES && *sent == '\0'; i++) {
		sent = EXCHANGE(bed, come(bed, "b", 0), "b",
				{ "x1 x2", FAULT }, { "x1", FAULT }, PAUSE,
				{ "x1", FAULT });
		if (*sent == '\0') {
			go(bed, "b");
			end_pause(bed);
		}
	}
	EXCHANGE(bed, sent, "b", { "x2", DONE });
}

static void
passes_over_nothing_when_the_shim_fails_over_all(void **state)
{
	struct offlinebed *bed = *state;

	EXCHANGE(bed, fail_over_the_first(bed), "b", { "x2", FAULT }, PAUSE,
		 { "x1", DONE }, { "x2", DONE });
	assert_int_equal(count_stored(bed), 0);
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
	sent = EXCHANGE(bed, come(bed, "b", 0), "b", { "x1 x2", FAULT });
	for (int i = 0; i < 2 * SUSPECT_FAILURES; i++) {
		expect(bed, sent, "b", "x1");
		fake_router_cut(router, true);
		fake_router_time_out(router);
		assert_string_equal(hookbed_sent(bed->hooks), "");
		fake_router_cut(router, false);
		sent = end_pause(bed);
	}
	expect(bed, sent, "b", "x1");
}

static void
tries_the_only_message_for_ever(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, "x1");
	sent = come(bed, "b", 0);
	for (int i = 0; i < 3 * SUSPECT_FAILURES; i++)
		sent = EXCHANGE(bed, sent, "b", { "x1", FAULT }, PAUSE);
	EXCHANGE(bed, sent, "b", { "x1", DONE });
	assert_int_equal(count_passed_over(bed), 0);
	assert_int_equal(count_stored(bed), 0);
}

/* The router's limit was higher once. */
static void
passes_over_what_became_too_large(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, "x1");
	leave(bed, "x2");
	fake_store_ask(bed->store, "UPDATE offline_message SET stanza = "
		       "'<message xmlns=''jabber:client''><body>' || "
		       "hex(zeroblob(4000)) || '</body></message>' "
		       "WHERE id = 'x1'");
	EXCHANGE(bed, come(bed, "b", 0), "b", { "x2", DONE });
	assert_int_equal(offlinebed_stored(bed, "id = 'x1'"), 1);
	assert_int_equal(count_passed_over(bed), 1);
}

#define TEST(name) OFFLINEBED_TEST(name)

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
		TEST(suspects_what_fails_in_short_sessions_as_well),
		TEST(passes_over_nothing_when_the_shim_fails_over_all),
		TEST(suspects_nothing_when_the_link_ends),
		TEST(tries_the_only_message_for_ever),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_delivery", tests, NULL,
					   NULL);
}
