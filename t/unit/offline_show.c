#include "components/offline/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/office.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/request.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"

static int done_calls;
static enum error_cond done_cond;

static void
on_done(void *ctx, const struct error *err)
{
	(void)ctx;
	done_calls++;
	done_cond = err == NULL ? ERROR_NONE : err->cond;
}

/* A request of that session. */
static struct hook_event *
event_of(struct offlinebed *bed, const char *session)
{
	struct arena *arena = bed->hooks->arena;
	struct hook_event *event = arena_alloc(arena, sizeof(*event));
	struct request *req = arena_alloc(arena, sizeof(*req));
	struct error err;

	req->arena = arena;
	req->runtime = &bed->hooks->runtime;
	event->req = req;
	event->host = hook_find(bed->hooks->runtime.hook, "example");
	assert_int_equal(jid_parsez(arena, session, &event->stanza.from,
				    &err), 0);
	return event;
}

static struct show *
begin(struct offlinebed *bed, size_t max)
{
	struct error err;
	struct show *show = show_new(bed->offline, event_of(bed, USER "/b"),
				     max, &err);

	assert_non_null(show);
	done_calls = 0;
	done_cond = ERROR_NONE;
	return show;
}

/* Of the latest add(). */
static struct error add_error;

static int
add(struct show *show, int64_t serial, const char *stanza)
{
	const struct shelf_message message = {
		.serial = serial, .id = "x", .sender = "a@b", .resource = "",
		.stamp = 1795953600000000, .stanza = stanza,
	};

	return show_add(show, &message, &add_error);
}

#define MESSAGE(text) \
	"<message xmlns='jabber:client'><body>" text "</body></message>"

static void
sends_with_node_and_time_and_without_id(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 2);
	const char *sent;

	assert_int_equal(add(show, 7, MESSAGE("one")), 0);
	assert_int_equal(add(show, 8, MESSAGE("two")), 0);
	show_send(show, on_done, NULL);
	assert_int_equal(done_calls, 0);
	sent = hookbed_sent(bed->hooks);
	assert_non_null(strstr(sent, "jid='" USER "/b'"));
	assert_non_null(strstr(sent, "<item node='0000000000000000007'/>"));
	assert_non_null(strstr(sent, "<item node='0000000000000000008'/>"));
	assert_int_equal(offlineshim_times(sent, "<item><forwarded "), 2);
	assert_int_equal(offlineshim_times(sent,
					   "stamp='2026-11-29T12:00:00"), 2);
	offlineshim_done(bed, sent);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_NONE);
	show_fini(show);
}

/* The router would end the stream. */
static void
leaves_out_what_became_too_large(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 2);
	char stanza[7000];

	snprintf(stanza, sizeof(stanza), MESSAGE("%06000d"), 1);
	assert_int_equal(add(show, 1, stanza), -1);
	assert_int_equal(add_error.cond, ERROR_POLICY_VIOLATION);
	assert_int_equal(add(show, 2, MESSAGE("two")), 0);
	assert_int_equal(show->count, 1);
	show_fini(show);
}

/* hookbed's stanzas have 10000 bytes. */
static void
sends_what_fits_into_a_stanza_at_a_time(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 3);
	char stanza[5000];
	const char *sent;

	snprintf(stanza, sizeof(stanza), MESSAGE("%04000d"), 1);
	for (int64_t i = 1; i <= 3; i++)
		assert_int_equal(add(show, i, stanza), 0);
	show_send(show, on_done, NULL);
	sent = hookbed_sent(bed->hooks);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(offlineshim_times(sent, "<body>"), 1);
		sent = offlineshim_done(bed, sent);
		assert_int_equal(done_calls, 0);
	}
	offlineshim_done(bed, sent);
	assert_int_equal(done_calls, 1);
	show_fini(show);
}

static void
tells_what_went_wrong_and_sends_no_more(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 2);
	char stanza[6000];

	snprintf(stanza, sizeof(stanza), MESSAGE("%05500d"), 1);
	add(show, 1, stanza);
	add(show, 2, stanza);
	show_send(show, on_done, NULL);
	assert_string_equal(offlineshim_fail(bed, hookbed_sent(bed->hooks),
					     "item-not-found"), "");
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_ITEM_NOT_FOUND);
	show_fini(show);
}

/* What is sent once a pause is over. */
static const char *
after_pause(struct offlinebed *bed)
{
	const char *sent;

	do {
		uv_run(&bed->hooks->loop, UV_RUN_ONCE);
		sent = hookbed_sent(bed->hooks);
	} while (*sent == '\0');
	return sent;
}

static void
sends_the_same_again_when_there_was_no_room(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 2);
	const char *sent;

	add(show, 1, MESSAGE("one"));
	add(show, 2, MESSAGE("two"));
	show_send(show, on_done, NULL);
	assert_string_equal(offlineshim_fail(bed, hookbed_sent(bed->hooks),
					     "resource-constraint"), "");
	assert_int_equal(done_calls, 0);
	sent = after_pause(bed);
	assert_non_null(strstr(sent, "<body>one</body>"));
	assert_non_null(strstr(sent, "<body>two</body>"));
	offlineshim_done(bed, sent);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_NONE);
	show_fini(show);
}

static void
waits_no_longer_than_a_minute_for_room(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1);

	add(show, 1, MESSAGE("one"));
	show_send(show, on_done, NULL);
	show->paused_ms = 60000;
	offlineshim_fail(bed, hookbed_sent(bed->hooks), "resource-constraint");
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_RESOURCE_CONSTRAINT);
	show_fini(show);
}

static void
waits_no_longer_once_the_service_stops(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1);

	add(show, 1, MESSAGE("one"));
	show_send(show, on_done, NULL);
	offlineshim_fail(bed, hookbed_sent(bed->hooks), "resource-constraint");
	assert_int_equal(done_calls, 0);
	office_stop(bed->offline);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_RESOURCE_CONSTRAINT);
	show_fini(show);
}

static void
sends_less_at_a_time_where_that_is_too_much(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 3);
	const char *sent;

	for (int64_t i = 1; i <= 3; i++)
		add(show, i, MESSAGE("x"));
	show_send(show, on_done, NULL);
	sent = hookbed_sent(bed->hooks);
	assert_int_equal(offlineshim_times(sent, "<body>"), 3);
	sent = offlineshim_fail(bed, sent, "not-acceptable");
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(done_calls, 0);
		assert_int_equal(offlineshim_times(sent, "<body>"), 1);
		sent = offlineshim_done(bed, sent);
	}
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_NONE);
	show_fini(show);
}

/* The router as it refuses messages with that text.  Returns how many bodies it
   took. */
static size_t
take_others(struct offlinebed *bed, const char *bad, const char *condition)
{
	const char *sent = hookbed_sent(bed->hooks);
	size_t taken = 0;

	while (strstr(sent, "<deliver ") != NULL)
		if (strstr(sent, bad) != NULL) {
			sent = offlineshim_fail(bed, sent, condition);
		} else {
			taken += offlineshim_times(sent, "<body>");
			sent = offlineshim_done(bed, sent);
		}
	return taken;
}

static void
passes_over_what_the_router_refuses(void **state)
{
	static const char *const conditions[] = {
		"bad-request", "jid-malformed", "not-acceptable",
		"policy-violation", "internal-server-error",
	};
	struct offlinebed *bed = *state;

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		struct show *show = begin(bed, 20);

		for (int64_t n = 1; n <= 20; n++)
			add(show, n, n == 8 || n == 20 ? MESSAGE("bad") :
							 MESSAGE("good"));
		show_send(show, on_done, NULL);
		assert_int_equal(take_others(bed, "bad", conditions[i]), 18);
		assert_int_equal(done_calls, 1);
		assert_int_equal(done_cond, ERROR_NONE);
		assert_string_equal(error_cond_name(show->refusal.cond),
				    conditions[i]);
		show_fini(show);
	}
}

/* The session gets none of the others more than twice. */
static void
sends_one_at_a_time_once_the_shim_failed(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 20);
	const char *sent;

	for (int64_t n = 1; n <= 20; n++)
		add(show, n, n == 5 ? MESSAGE("bad") : MESSAGE("good"));
	show_send(show, on_done, NULL);
	sent = hookbed_sent(bed->hooks);
	for (int n = 1; n <= 5; n++) {
		sent = n == 1 ? offlineshim_fail(bed, sent,
						 "internal-server-error") :
				offlineshim_done(bed, sent);
		assert_int_equal(offlineshim_times(sent, "<body>"), 1);
	}
	assert_non_null(strstr(sent, "bad"));
	sent = offlineshim_fail(bed, sent, "internal-server-error");
	assert_null(strstr(sent, "bad"));
	assert_int_equal(done_calls, 0);
	while (strstr(sent, "<deliver ") != NULL)
		sent = offlineshim_done(bed, sent);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_NONE);
	assert_int_equal(show->refusal.cond, ERROR_INTERNAL_SERVER_ERROR);
	show_fini(show);
}

/* As before it was looked for. */
static void
sends_many_at_a_time_after_one_refused(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 100);

	for (int64_t n = 1; n <= 100; n++)
		add(show, n, n == 1 ? MESSAGE("bad") : MESSAGE("x"));
	show_send(show, on_done, NULL);
	take_others(bed, "bad", "bad-request");
	assert_true(show->most >= 50);
	show_fini(show);
}

static void
tells_when_the_shim_is_silent(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1);

	add(show, 1, MESSAGE("one"));
	show_send(show, on_done, NULL);
	fake_router_time_out(bed->hooks->runtime.router);
	assert_int_equal(done_calls, 1);
	assert_int_equal(done_cond, ERROR_REMOTE_SERVER_TIMEOUT);
	show_fini(show);
}

static void
leaves_out_what_cannot_be_read(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 2);

	assert_int_equal(add(show, 1, "<message"), -1);
	assert_int_equal(show->count, 0);
	assert_int_equal(add(show, 2, MESSAGE("two")), 0);
	assert_int_equal(show->count, 1);
	show_fini(show);
}

static void
takes_others_once_it_is_cleared(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1);
	const char *sent;

	add(show, 1, MESSAGE("one"));
	show_send(show, on_done, NULL);
	offlineshim_done(bed, hookbed_sent(bed->hooks));
	show_clear(show);
	add(show, 2, MESSAGE("two"));
	show_send(show, on_done, NULL);
	sent = hookbed_sent(bed->hooks);
	assert_null(strstr(sent, "one"));
	assert_non_null(strstr(sent, "two"));
	offlineshim_done(bed, sent);
	assert_int_equal(done_calls, 2);
	show_fini(show);
}

static void
is_one_for_each_user(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1), *other;
	struct error err;

	assert_null(show_new(bed->offline, event_of(bed, USER "/c"), 1, &err));
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	other = show_new(bed->offline, event_of(bed, "k@example/b"), 1, &err);
	assert_non_null(other);
	show_fini(show);
	show = show_new(bed->offline, event_of(bed, USER "/c"), 1, &err);
	assert_non_null(show);
	show_fini(show);
	show_fini(other);
}

static void
holds_the_mailbox(void **state)
{
	struct offlinebed *bed = *state;
	struct show *show = begin(bed, 1);
	const struct mailbox *mailbox = mailbox_find(bed->offline, USER);

	assert_int_equal(mailbox->holds, 1);
	show_fini(show);
	assert_int_equal(mailbox->holds, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(sends_with_node_and_time_and_without_id),
		OFFLINEBED_TEST(leaves_out_what_became_too_large),
		OFFLINEBED_TEST(sends_what_fits_into_a_stanza_at_a_time),
		OFFLINEBED_TEST(tells_what_went_wrong_and_sends_no_more),
		OFFLINEBED_TEST(sends_the_same_again_when_there_was_no_room),
		OFFLINEBED_TEST(waits_no_longer_than_a_minute_for_room),
		OFFLINEBED_TEST(waits_no_longer_once_the_service_stops),
		OFFLINEBED_TEST(sends_less_at_a_time_where_that_is_too_much),
		OFFLINEBED_TEST(passes_over_what_the_router_refuses),
		OFFLINEBED_TEST(sends_one_at_a_time_once_the_shim_failed),
		OFFLINEBED_TEST(sends_many_at_a_time_after_one_refused),
		OFFLINEBED_TEST(tells_when_the_shim_is_silent),
		OFFLINEBED_TEST(leaves_out_what_cannot_be_read),
		OFFLINEBED_TEST(takes_others_once_it_is_cleared),
		OFFLINEBED_TEST(is_one_for_each_user),
		OFFLINEBED_TEST(holds_the_mailbox),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_show", tests, NULL,
					   NULL);
}
