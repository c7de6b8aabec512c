#include "components/archive/keep/preferences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/keep/preference.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/tapbed.h"
#include "t/lib/tapshim.h"

#define ALL "SELECT count(*) FROM archive_message"
#define RESULT "type='result' id='q'"
#define PREFS(rest) "<prefs xmlns='urn:xmpp:mam:2' " rest "</prefs>"
#define NEVER_R \
	PREFS("default='always'><never><jid>r@example</jid></never>")

/* Users may choose. */
static int
setup(void **state)
{
	struct tapbed *bed;

	if (tapbed_setup(state) < 0)
		return -1;
	bed = *state;
	bed->settings.preferences = true;
	tapshim_greet(bed);
	return 0;
}

static void
choose(struct tapbed *bed, const char *user, const char *prefs)
{
	const char *session = arena_printf(bed->hooks->arena, "%s/b", user);

	tapshim_ask(bed, session, "q", "set", prefs);
	tapshim_await(bed, RESULT);
}

/* What tapbed_tap() says is from r@example to j@example.  Waits until it went
   through the journal. */
static void
say(struct tapbed *bed, unsigned seq)
{
	struct arena *arena = bed->hooks->arena;

	tapbed_tap(bed, seq, arena_printf(arena, "x%u", seq), "hi");
	tapbed_receive(bed, arena_printf(arena, "seq='%u' id='end%u' "
					 "dir='in' origin='local'", seq + 1,
					 seq),
		       "<message xmlns='jabber:client' type='chat' "
		       "from='z@example/o' to='z@example'><body>end</body>"
		       "</message>");
	tapbed_wait(bed, arena_printf(arena, ALL " WHERE uid = 'end%u'", seq),
		    1);
}

static int64_t
ways_of(struct tapbed *bed, unsigned seq)
{
	return database_ask(bed->db, arena_printf(
		bed->hooks->arena, "SELECT COALESCE(sum(ways), 0) "
		"FROM archive_message WHERE uid = 'x%u'", seq));
}

static void
keeps_it_for_those_who_want_it(void **state)
{
	struct tapbed *bed = *state;

	say(bed, 1);
	assert_int_equal(ways_of(bed, 1), 3);
	choose(bed, "j@example", NEVER_R);
	say(bed, 3);
	assert_int_equal(ways_of(bed, 3), 1);
	choose(bed, "r@example", PREFS("default='never'>"));
	say(bed, 5);
	assert_int_equal(ways_of(bed, 5), 0);
	choose(bed, "j@example", PREFS("default='never'><always>"
				       "<jid>r@example/o</jid></always>"));
	say(bed, 7);
	assert_int_equal(ways_of(bed, 7), 2);
}

static void
holds_for_what_comes_after_it(void **state)
{
	struct tapbed *bed = *state;

	tapshim_fill(bed, 50);
	choose(bed, "j@example", PREFS("default='never'>"));
	tapbed_wait(bed, ALL " WHERE ways = 3", 50);
	say(bed, 51);
	assert_int_equal(ways_of(bed, 51), 1);
}

#define TAPPED(children) \
	"<message xmlns='jabber:client' type='chat' from='r@example/o' " \
	"to='j@example' id='%s'>" children "</message>"

/* Though nobody wants to have the retraction, what it is about goes. */
static void
stops_no_retraction(void **state)
{
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'",
		       arena_printf(arena, TAPPED("<body>hi</body>"), "a1"));
	tapbed_wait(bed, ALL " WHERE ways = 3", 1);
	choose(bed, "j@example", NEVER_R);
	choose(bed, "r@example", PREFS("default='never'>"));
	tapbed_receive(bed, "seq='2' id='x2' dir='both' origin='local'",
		       arena_printf(arena, TAPPED("<retract id='a1' "
			"xmlns='urn:xmpp:message-retract:1'/>"), "r1"));
	say(bed, 3);
	assert_int_equal(ways_of(bed, 2), 24);
	assert_int_equal(ways_of(bed, 3), 0);
	assert_int_equal(database_ask(bed->db, ALL " WHERE uid = 'x1' "
		"AND ways = 3 AND body IS NULL AND rest LIKE '<retracted %'"),
		1);
}

static void
outlives_the_process(void **state)
{
	struct tapbed *bed = *state;

	choose(bed, "j@example", NEVER_R);
	choose(bed, "k@example", PREFS("default='never'>"));
	tapbed_stop(bed);
	tapbed_start(bed);
	tapshim_greet(bed);
	tapshim_ask(bed, "j@example/b", "q", "get", PREFS(">"));
	assert_non_null(strstr(tapshim_await(bed, RESULT),
			       "<never><jid>r@example</jid></never>"));
	say(bed, 1);
	assert_int_equal(ways_of(bed, 1), 1);
}

static void
reads_more_than_a_page(void **state)
{
	struct tapbed *bed = *state;
	struct preference preference;
	struct error err = { 0 };

	database_do(bed->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		    "SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO "
		    "archive_preference SELECT 'u' || i || '@example', "
		    "'never', '', '' FROM n");
	tapbed_stop(bed);
	tapbed_start(bed);
	tapshim_greet(bed);
	say(bed, 1);
	for (unsigned i = 1; i <= 1200; i++) {
		const char *owner = arena_printf(bed->hooks->arena,
						 "u%u@example", i);

		assert_int_equal(preferences_find(bed->archive->preferences,
						  owner, &preference, &err),
				 0);
		assert_true(preference.never_others);
	}
}

static void
keeps_all_where_users_may_not_choose(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	choose(bed, "j@example", NEVER_R);
	bed->settings.preferences = false;
	bed->settings.default_preference = "never";
	say(bed, 1);
	assert_int_equal(ways_of(bed, 1), 3);
	tapshim_ask(bed, "j@example/b", "q", "set", NEVER_R);
	sent = tapshim_await(bed, "type='error' id='q'");
	assert_non_null(strstr(sent, "<not-allowed "));
	tapshim_ask(bed, "j@example/b", "q", "get", PREFS(">"));
	sent = tapshim_await(bed, RESULT);
	assert_non_null(strstr(sent, "default='always'><always/><never/>"));
}

static void
has_a_default(void **state)
{
	struct tapbed *bed = *state;

	bed->settings.default_preference = "never";
	choose(bed, "j@example", PREFS("default='always'>"));
	choose(bed, "z@example", PREFS("default='always'>"));
	say(bed, 1);
	assert_int_equal(ways_of(bed, 1), 2);
}

static void
tells_what_is_refused(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	say(bed, 1);
	tapshim_ask(bed, "j@example/b", "q", "set",
		    PREFS("default='roster'>"));
	sent = tapshim_await(bed, "type='error' id='q'");
	assert_non_null(strstr(sent, "<feature-not-implemented "));
	database_do(bed->db, "DROP TABLE archive_preference");
	tapshim_ask(bed, "j@example/b", "q", "set", NEVER_R);
	sent = tapshim_await(bed, "type='error' id='q'");
	assert_non_null(strstr(sent, "<internal-server-error "));
	tapshim_ask(bed, "j@example/b", "q", "get", PREFS(">"));
	assert_non_null(strstr(tapshim_await(bed, RESULT), "<never/>"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, tapbed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_it_for_those_who_want_it),
		TEST(holds_for_what_comes_after_it),
		TEST(stops_no_retraction),
		TEST(outlives_the_process),
		TEST(reads_more_than_a_page),
		TEST(keeps_all_where_users_may_not_choose),
		TEST(has_a_default),
		TEST(tells_what_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_preferences", tests,
					   tapbed_folder, database_teardown);
}
