#include "components/offline/setback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/suspect.h"
#include "shared/error.h"
#include "shared/log.h"
#include "t/lib/capture.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define MOST 100

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* In place of libuv's. */
static uint64_t now_ms;

uint64_t
uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return now_ms;
}

static struct setback
begin(struct offlinebed *bed)
{
	struct setback setback;

	setback_init(&setback, mailbox_use(bed->offline, USER), MOST);
	return setback;
}

/* A try for so many messages from that serial on failed. */
static enum setback_way
judge(struct setback *setback, int64_t serial, size_t asked,
      enum error_cond cond)
{
	const struct setback_try try = {
		.session = USER "/b", .serial = serial, .asked = asked,
	};
	struct error err;

	error_set(&err, cond, "why");
	return setback_judge(setback, &try, &err);
}

static const struct {
	enum error_cond cond;
	size_t asked;
	enum setback_way way;
	size_t most;		/* from then on */
	bool failing;
} cases[] = {
	{ ERROR_ITEM_NOT_FOUND, 9, SETBACK_NO_SESSION, MOST, false },
	{ ERROR_ITEM_NOT_FOUND, 1, SETBACK_NO_SESSION, MOST, false },
	{ ERROR_BAD_REQUEST, 9, SETBACK_LESS, 4, false },
	{ ERROR_BAD_REQUEST, 1, SETBACK_PASS_OVER, MOST, false },
	{ ERROR_POLICY_VIOLATION, 2, SETBACK_LESS, 1, false },
	{ ERROR_POLICY_VIOLATION, 1, SETBACK_PASS_OVER, MOST, false },
	{ ERROR_INTERNAL_SERVER_ERROR, 9, SETBACK_LESS, 4, true },
	{ ERROR_INTERNAL_SERVER_ERROR, 1, SETBACK_PAUSE, MOST, true },
	{ ERROR_REMOTE_SERVER_TIMEOUT, 9, SETBACK_LESS, 4, true },
	{ ERROR_REMOTE_SERVER_TIMEOUT, 1, SETBACK_PAUSE, MOST, true },
	{ ERROR_RESOURCE_CONSTRAINT, 9, SETBACK_PAUSE, 4, true },
	{ ERROR_RESOURCE_CONSTRAINT, 1, SETBACK_PAUSE, MOST, true },
	{ ERROR_FORBIDDEN, 9, SETBACK_PAUSE, 4, true },
};

static void
knows_the_way_by_the_condition_and_how_many_it_was(void **state)
{
	struct offlinebed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct setback setback = begin(bed);

		assert_int_equal(judge(&setback, 1, cases[i].asked,
				       cases[i].cond), cases[i].way);
		assert_int_equal(setback.most, cases[i].most);
		assert_int_equal(bed->offline->failing, cases[i].failing);
		setback_fini(&setback);
		assert_int_equal(bed->offline->failing, 0);
	}
}

/* Nobody answered. */
static void
waits_when_the_link_is_down(void **state)
{
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	fake_router_cut(bed->hooks->runtime.router, true);
	assert_int_equal(judge(&setback, 1, 9, ERROR_REMOTE_SERVER_TIMEOUT),
			 SETBACK_PAUSE);
	fake_router_cut(bed->hooks->runtime.router, false);
	setback_fini(&setback);
}

/* Has it fail over that message until that is left out. */
static void
fail_often(struct setback *setback, int64_t serial)
{
	for (int i = 0; i < SUSPECT_FAILURES; i++) {
		assert_int_equal(judge(setback, serial, 1,
				       ERROR_INTERNAL_SERVER_ERROR),
				 SETBACK_PAUSE);
		setback_end_pause(setback);
	}
	assert_int_equal(judge(setback, serial, 1,
			       ERROR_INTERNAL_SERVER_ERROR),
			 SETBACK_LEAVE_OUT);
}

static void
passes_over_what_fails_where_others_do_not(void **state)
{
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	fail_often(&setback, 1);
	assert_true(setback_succeed(&setback, USER "/b"));
	assert_int_equal(judge(&setback, 1, 1, ERROR_INTERNAL_SERVER_ERROR),
			 SETBACK_PASS_OVER);
	assert_false(setback_succeed(&setback, USER "/b"));
	setback_fini(&setback);
}

static void
leaves_in_the_mailbox_what_there_is_to_remember(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);
	struct setback setback = begin(bed);

	assert_non_null(mailbox->suspect);
	setback_fini(&setback);
	assert_null(mailbox->suspect);
	setback = begin(bed);
	fail_often(&setback, 1);
	setback_succeed(&setback, USER "/b");
	setback_fini(&setback);
	setback = begin(bed);
	assert_int_equal(judge(&setback, 1, 1, ERROR_INTERNAL_SERVER_ERROR),
			 SETBACK_PASS_OVER);
	setback_fini(&setback);
}

static void
asks_for_more_and_pauses_for_less_once_it_works(void **state)
{
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	for (int i = 0; i < 5; i++) {
		judge(&setback, 1, 20, ERROR_RESOURCE_CONSTRAINT);
		setback_next_ms(&setback);
	}
	assert_int_equal(setback.most, 10);
	setback_succeed(&setback, USER "/b");
	assert_int_equal(setback.most, 20);
	assert_int_equal(setback_next_ms(&setback), SETBACK_PAUSE_MS);
	setback_fini(&setback);
}

static void
pauses_for_as_long_when_it_is_the_database(void **state)
{
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	for (int i = 0; i < 5; i++)
		assert_int_equal(setback_same_ms(&setback), SETBACK_PAUSE_MS);
	setback_fini(&setback);
}

static void
knows_how_much_is_left_of_a_first_pause(void **state)
{
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	setback_next_ms(&setback);
	setback_next_ms(&setback);
	assert_int_equal(setback_left_ms(&setback), SETBACK_PAUSE_MS);
	now_ms += 2000;
	assert_int_equal(setback_left_ms(&setback), SETBACK_PAUSE_MS - 2000);
	now_ms += SETBACK_PAUSE_MS;
	assert_int_equal(setback_left_ms(&setback), 0);
	/* The next is short again. */
	assert_int_equal(setback_next_ms(&setback), SETBACK_PAUSE_MS);
	setback_fini(&setback);
}

static void
says_once_that_it_fails_and_once_that_it_works(void **state)
{
	static struct capture said;
	struct offlinebed *bed = *state;
	struct setback setback = begin(bed);

	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	judge(&setback, 1, 1, ERROR_RESOURCE_CONSTRAINT);
	judge(&setback, 1, 1, ERROR_RESOURCE_CONSTRAINT);
	setback_succeed(&setback, USER "/b");
	setback_succeed(&setback, USER "/b");
	capture_end(&said);
	assert_int_equal(offlineshim_times(said.err, "messages for j@example/b "
					   "were not delivered: why\n"), 1);
	assert_int_equal(offlineshim_times(said.err, "messages for j@example/b "
					   "are delivered again\n"), 1);
	setback_fini(&setback);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(
			knows_the_way_by_the_condition_and_how_many_it_was),
		OFFLINEBED_TEST(waits_when_the_link_is_down),
		OFFLINEBED_TEST(passes_over_what_fails_where_others_do_not),
		OFFLINEBED_TEST(
			leaves_in_the_mailbox_what_there_is_to_remember),
		OFFLINEBED_TEST(
			asks_for_more_and_pauses_for_less_once_it_works),
		OFFLINEBED_TEST(pauses_for_as_long_when_it_is_the_database),
		OFFLINEBED_TEST(knows_how_much_is_left_of_a_first_pause),
		OFFLINEBED_TEST(
			says_once_that_it_fails_and_once_that_it_works),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_setback", tests, NULL,
					   NULL);
}
