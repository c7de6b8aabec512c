#include "components/muc/chronicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle_address.h"
#include "components/muc/chronicle_entry.h"
#include "components/muc/queue.h"
#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "shared/metric.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "t/lib/chroniclebed.h"

#define ROUNDS 6000	/* of 10 ms */
#define COUNT "SELECT count(*) FROM archive_message "

static const struct setting_titled no_events[] = { { .title = NULL } };
static const char *const no_rooms[] = { NULL };

static void
writes_what_was_said(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	chroniclebed_say(bed, "u2", "two");
	chroniclebed_wait(bed, COUNT, 2);
	chroniclebed_wait(bed, COUNT "m JOIN archive_address s "
		 "ON s.id = m.sender JOIN archive_address r "
		 "ON r.id = m.recipient WHERE "
		 "s.jid = 'ann@a.example' AND m.resource = '1' AND "
		 "r.jid = 'r@muc.example/77' AND m.to_resource = 'Ann' AND "
		 "m.type = 2 AND m.ways = 2 AND m.id = 'm1' AND "
		 "m.lang = 'de' AND m.stamp = 1700000000000000 AND "
		 "m.rest = '<a xmlns=''urn:a''/>'", 2);
	chroniclebed_wait(bed, COUNT "a JOIN archive_message b "
		 "ON a.uid = 'u1' AND b.uid = 'u2' "
		 "AND a.body = 'one' AND b.body = 'two' "
		 "WHERE a.serial < b.serial", 1);
}

/* One that was made anew is another room. */
static void
keeps_rooms_apart(void **state)
{
	struct chroniclebed *bed = *state;
	char *was = arena_strdup(bed->arena,
				 chronicle_address(&bed->room, bed->arena));

	assert_string_equal(was, "r@muc.example/77");
	bed->room.created = 78;
	chroniclebed_say(bed, "u1", "one");
	chroniclebed_wait(bed, COUNT "WHERE recipient = (SELECT id FROM "
		 "archive_address WHERE jid = 'r@muc.example/78')", 1);
}

static long long
metric(struct chroniclebed *bed, const char *name)
{
	struct str text = { 0 };
	long long value = -1;
	const char *at;

	metrics_print(bed->runtime.metrics, &text);
	at = strstr(text.data, name);
	if (at != NULL)
		value = strtoll(at + strlen(name), NULL, 10);
	str_fini(&text);
	return value;
}

#define KEPT "\nannex_muc_archive_messages_total{outcome=\"kept\"}"
#define LOST "\nannex_muc_archive_messages_total{outcome=\"lost\"}"

static void
wait_metric(struct chroniclebed *bed, const char *name, long long wanted)
{
	for (int i = 0; i < ROUNDS && metric(bed, name) != wanted; i++)
		database_run(bed->db, 10);
	assert_int_equal(metric(bed, name), wanted);
}

#define TARGET "abcdefghijklmnopqrstuvwx"
#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='" TARGET "'/>"
#define LEFT "rest LIKE '<retracted %' AND body IS NULL AND uid = '" TARGET "'"

static void
say(struct chroniclebed *bed, const char *uid, const char *children,
    bool unstored)
{
	struct request req = chroniclebed_request(bed, children);

	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = &bed->room, .stanza = &req.stanza, .nick = "Ann",
		.uid = uid, .stamp = 1700000000000000, .unstored = unstored,
	});
}

/* And keeps the retraction, unless nobody wants it. */
static void
buries_what_is_retracted(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, TARGET, "one");
	say(bed, "u2", RETRACT "<body>oh</body>", false);
	chroniclebed_wait(bed, COUNT "WHERE " LEFT, 1);
	chroniclebed_wait(bed, COUNT "WHERE uid = 'u2' AND body = 'oh'", 1);
	database_do(bed->db, "DELETE FROM archive_message");
	chroniclebed_say(bed, TARGET, "one");
	say(bed, "u3", RETRACT "<body>oh</body>", true);
	chroniclebed_wait(bed, COUNT "WHERE " LEFT, 1);
	chroniclebed_wait(bed, COUNT, 1);
	chroniclebed_wait(bed, "SELECT count(*) FROM archive_retraction "
			  "WHERE retraction IN ('u2', 'u3') AND "
			  "who = 'ann@a.example' AND room = 'r@muc.example'",
			  2);
	assert_int_equal(metric(bed, KEPT), 3);
}

/* Auditors see it, and nobody else. */
static void
keeps_what_is_retracted(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_close(bed);
	bed->settings.retract = "keep";
	assert_int_equal(chroniclebed_open(bed), 0);
	chroniclebed_say(bed, TARGET, "one");
	say(bed, "u2", RETRACT, false);
	chroniclebed_wait(bed, COUNT "WHERE uid = '" TARGET "' AND "
			  "ways = 66 AND body = 'one'", 1);
	chroniclebed_wait(bed, COUNT "WHERE uid = 'u2' AND ways = 2", 1);
}

/* Told before it is in the database, and not once more after it. */
static void
buries_what_was_retracted_before_a_restart(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, TARGET, "one");
	chroniclebed_wait(bed, COUNT, 1);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_retraction BEGIN SELECT RAISE(ABORT, 'away'); "
		    "END");
	say(bed, "u2", RETRACT, true);
	chroniclebed_close(bed);
	assert_int_equal(database_ask(bed->db, COUNT "WHERE " LEFT), 0);
	database_do(bed->db, "DROP TRIGGER away");
	assert_int_equal(chroniclebed_open(bed), 0);
	chroniclebed_wait(bed, COUNT "WHERE " LEFT, 1);
}

/* Nobody is told of a retraction that will not be. */
static void
refuses_retractions_that_have_no_room(void **state)
{
	struct chroniclebed *bed = *state;
	char *text = arena_alloc(bed->arena, 32 << 10);
	unsigned said = 0;

	memset(text, 'a', (32 << 10) - 1);
	assert_int_equal(chronicle_check_room(bed->muc.chronicle, &bed->err),
			 0);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	for (; said < CHRONICLEBED_BYTES >> 15 &&
	       chronicle_check_room(bed->muc.chronicle, &bed->err) == 0;
	     said++)
		chroniclebed_say(bed, arena_printf(bed->arena, "v%u", said),
				 text);
	wait_metric(bed, KEPT, said);
	assert_int_equal(metric(bed, LOST), 0);
	assert_int_equal(chronicle_check_room(bed->muc.chronicle, &bed->err),
			 -1);
	assert_int_equal(bed->err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(bed->err.type, ERROR_TYPE_WAIT);
	database_do(bed->db, "DROP TRIGGER away");
	chroniclebed_wait(bed, COUNT, said);
	assert_int_equal(chronicle_check_room(bed->muc.chronicle, &bed->err),
			 0);
}

/* The database does not have it when the process ends. */
static void
writes_what_it_left_behind(void **state)
{
	struct chroniclebed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	chroniclebed_say(bed, "u1", "one");
	wait_metric(bed, KEPT, 1);
	chroniclebed_close(bed);
	assert_int_equal(database_ask(bed->db, COUNT), 0);
	database_do(bed->db, "DROP TRIGGER away");
	assert_int_equal(chroniclebed_open(bed), 0);
	chroniclebed_wait(bed, COUNT "WHERE uid = 'u1'", 1);
}

static void
counts_what_is_lost(void **state)
{
	struct chroniclebed *bed = *state;
	char *large = arena_alloc(bed->arena, CHRONICLEBED_BYTES / 3);

	chroniclebed_say(bed, "u1", "one");
	chroniclebed_wait(bed, COUNT, 1);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	memset(large, 'a', CHRONICLEBED_BYTES / 3 - 1);
	for (int i = 0; i < 4; i++)
		chroniclebed_say(bed, arena_printf(bed->arena, "v%d", i),
				 large);
	wait_metric(bed, LOST, 2);
	wait_metric(bed, KEPT, 3);
	database_do(bed->db, "DROP TRIGGER away");
	chroniclebed_wait(bed, COUNT, 3);
}

/* More is not taken into memory before the journal has had some of it. */
static void
is_offered_so_much_at_once(void **state)
{
	struct chroniclebed *bed = *state;
	struct request req = chroniclebed_request(bed, "<body>hello</body>");

	req.to = req.stanza.to;
	for (int i = 0; i < 100; i++) {
		assert_false(queue_is_held(&bed->room, &req));
		queue_hold(&bed->room);
	}
	assert_true(queue_is_held(&bed->room, &req));
	queue_let_go(&bed->room);
	assert_false(queue_is_held(&bed->room, &req));
}

static void
needs_a_journal(void **state)
{
	struct muc_settings own = {
		.archive = "all", .archive_unwanted = no_rooms,
		.journal = "j", .events = no_events,
	};
	const char *which;
	struct error err;

	(void)state;
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), 0);
	own.journal = "";
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), -1);
	assert_string_equal(which, "journal");
	own.archive = "yes";
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), -1);
	assert_string_equal(which, "archive");
}

static void
wants_an_archive_for_events(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const kinds[] = { "presence", NULL };
	struct archive_profile_settings profile = {
		none, none, none, none, none,
	};
	const struct setting_titled events[] = {
		{ "all", &profile }, { .title = NULL },
	};
	struct muc_settings own = {
		.archive = "all", .archive_unwanted = no_rooms,
		.journal = "/x", .events = events,
	};
	const char *which;
	struct error err;

	(void)state;
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), 0);
	own.archive = "none";
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), -1);
	assert_string_equal(which, "events");
	own.archive = "all";
	profile.kinds = kinds;
	assert_int_equal(chronicle_check(&own, NULL, &which, &err), -1);
	assert_string_equal(which, "events");
}

static void
needs_a_database(void **state)
{
	struct database *db = database_new(DATABASE_NONE);
	struct runtime runtime = { 0 };
	const struct muc_settings own = {
		.archive = "all", .archive_unwanted = no_rooms,
		.journal = "j",
	};
	struct chronicle *chronicle;
	struct error err;

	(void)state;
	database_open(db);
	runtime.loop = &db->loop;
	runtime.store = db->store;
	assert_int_equal(chronicle_new(&runtime, &own, &chronicle, &err), -1);
	assert_string_equal(err.text, "archive is all, but store.url is none");
	database_free(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHRONICLEBED_TEST(writes_what_was_said),
		CHRONICLEBED_TEST(keeps_rooms_apart),
		CHRONICLEBED_TEST(buries_what_is_retracted),
		CHRONICLEBED_TEST(keeps_what_is_retracted),
		CHRONICLEBED_TEST(buries_what_was_retracted_before_a_restart),
		CHRONICLEBED_TEST(refuses_retractions_that_have_no_room),
		CHRONICLEBED_TEST(writes_what_it_left_behind),
		CHRONICLEBED_TEST(counts_what_is_lost),
		CHRONICLEBED_TEST(is_offered_so_much_at_once),
		cmocka_unit_test(needs_a_journal),
		cmocka_unit_test(wants_an_archive_for_events),
		cmocka_unit_test(needs_a_database),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_chronicle", tests,
					   chroniclebed_folder,
					   database_teardown);
}
