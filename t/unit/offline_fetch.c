#include "components/offline/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define SESSION USER "/b"
#define RESULT "type='result' id='q'"
#define BOUNCED "bounce='service-unavailable'"
#define FETCH(bed) offlineshim_ask(bed, SESSION, "get", "<fetch/>")
#define PURGE(bed) offlineshim_ask(bed, SESSION, "set", "<purge/>")

/* More than are read at once. */
#define MANY 250

/* Takes what was sent, and answers, until nothing more comes.  Returns what
   came last. */
static const char *
take_all(struct offlinebed *bed, const char *sent, int *taken)
{
	while (strstr(sent, "<deliver ") != NULL) {
		const char *next = arena_printf(bed->hooks->arena,
						"<body>no %d</body>",
						*taken + 1);

		if (strstr(sent, next) == NULL)
			fail_msg("no %s in %.200s", next, sent);
		assert_null(strstr(sent, RESULT));
		*taken += (int)offlineshim_times(sent, "<body>");
		sent = offlineshim_done(bed, sent);
	}
	return sent;
}

static void
shows_all_in_order_and_leaves_them(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;
	int taken = 0;

	offlinebed_fill(bed, USER, MANY, "a@b");
	sent = take_all(bed, FETCH(bed), &taken);
	assert_int_equal(taken, MANY);
	assert_non_null(strstr(sent, RESULT));
	assert_int_equal(offlinebed_stored(bed, "1"), MANY);
}

static void
shows_nothing_where_there_is_nothing(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, "k@example", 2, "a@b");
	sent = FETCH(bed);
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, RESULT));
}

/* A client that thought it had all would purge what it has not. */
static void
assert_left_out(const char *sent, const char *condition)
{
	assert_null(strstr(sent, RESULT));
	assert_non_null(strstr(sent, "type='error' id='q'"));
	assert_non_null(strstr(sent, condition));
}

static void
passes_over_what_cannot_be_read(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 3, "a@b");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message' WHERE id = 'x2'");
	sent = FETCH(bed);
	assert_non_null(strstr(sent, "<body>no 1</body>"));
	assert_non_null(strstr(sent, "<body>no 3</body>"));
	assert_left_out(offlineshim_done(bed, sent), "<bad-request ");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message'");
	assert_left_out(FETCH(bed), "<bad-request ");
}

/* The shim as it does not take one of them. */
static void
pass_over_one(struct offlinebed *bed, const char *condition)
{
	const char *sent;
	int taken = 0;

	for (sent = FETCH(bed); strstr(sent, "<deliver ") != NULL;)
		if (strstr(sent, "<body>no 120</body>") != NULL) {
			sent = offlineshim_fail(bed, sent, condition);
		} else {
			taken += (int)offlineshim_times(sent, "<body>");
			sent = offlineshim_done(bed, sent);
		}
	assert_int_equal(taken, MANY - 1);
	assert_left_out(sent, arena_printf(bed->hooks->arena, "<%s ",
					   condition));
	assert_int_equal(offlinebed_stored(bed, "1"), MANY);
}

static void
passes_over_what_the_router_refuses(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, MANY, "a@b");
	pass_over_one(bed, "policy-violation");
}

static void
passes_over_what_the_shim_fails_over(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, MANY, "a@b");
	pass_over_one(bed, "internal-server-error");
}

static void
says_that_the_database_went_away_meanwhile(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 3, "a@b");
	sent = FETCH(bed);
	fake_store_set_away(bed->store, true);
	sent = offlineshim_done(bed, sent);
	fake_store_set_away(bed->store, false);
	assert_non_null(strstr(sent, "type='error' id='q'"));
	assert_non_null(strstr(sent, "<resource-constraint "));
}

static void
ends_when_the_session_does(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, MANY, "a@b");
	sent = offlineshim_fail(bed, FETCH(bed), "item-not-found");
	assert_null(strstr(sent, "<deliver "));
	assert_int_equal(offlinebed_stored(bed, "1"), MANY);
	/* The next is welcome. */
	assert_non_null(strstr(FETCH(bed), "<deliver "));
}

static void
removes_all_of_the_user(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, MANY, "a@b");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET jid = 'k@example' WHERE id = 'x7'");
	assert_non_null(strstr(PURGE(bed), RESULT));
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 0);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
	assert_non_null(strstr(PURGE(bed), RESULT));
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 5, "a@b");
	assert_non_null(strstr(offlineshim_store(bed, USER, "y1", "a@b/c"),
			       BOUNCED));
	fake_store_set_repeating(bed->store, true);
	PURGE(bed);
	fake_store_set_repeating(bed->store, false);
	assert_null(strstr(offlineshim_store(bed, USER, "y2", "a@b/c"),
			   BOUNCED));
}

static void
says_when_nothing_was_removed(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 3, "a@b");
	fake_store_set_full(bed->store, true);
	assert_non_null(strstr(PURGE(bed), "<resource-constraint "));
	fake_store_set_full(bed->store, false);
	assert_int_equal(offlinebed_stored(bed, "1"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(shows_all_in_order_and_leaves_them),
		OFFLINEBED_TEST(shows_nothing_where_there_is_nothing),
		OFFLINEBED_TEST(passes_over_what_cannot_be_read),
		OFFLINEBED_TEST(passes_over_what_the_router_refuses),
		OFFLINEBED_TEST(passes_over_what_the_shim_fails_over),
		OFFLINEBED_TEST(says_that_the_database_went_away_meanwhile),
		OFFLINEBED_TEST(ends_when_the_session_does),
		OFFLINEBED_TEST(removes_all_of_the_user),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(says_when_nothing_was_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_fetch", tests, NULL,
					   NULL);
}
