#include "components/muc/chronicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/archivebed.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ROUNDS 6000	/* of 10 ms */
#define JOURNAL_BYTES (8 << 20)
#define COUNT "SELECT count(*) FROM archive_message "

struct bed {
	struct database *db;
	char schema[256], journal[300];
	char jid[32];
	struct runtime runtime;
	struct muc_settings settings;
	struct muc muc;
	struct room room;
	struct arena *arena;
	struct error err;
	bool stopped;
};

static int
open_chronicle(struct bed *bed)
{
	metrics_free(&bed->runtime.metrics);
	bed->runtime.metrics = metrics_new();
	bed->runtime.loop = &bed->db->loop;
	bed->runtime.store = bed->db->store;
	bed->stopped = false;
	return chronicle_new(&bed->runtime, &bed->settings,
			     &bed->muc.chronicle, &bed->err);
}

static void
on_stopped(void *ctx)
{
	struct bed *bed = ctx;

	bed->stopped = true;
}

/* What is in the journal stays there. */
static void
close_chronicle(struct bed *bed)
{
	chronicle_stop(bed->muc.chronicle, on_stopped, bed);
	for (int i = 0; i < ROUNDS && !bed->stopped; i++)
		database_run(bed->db, 10);
	assert_true(bed->stopped);
	database_close(bed->db, 1);
	chronicle_free(&bed->muc.chronicle);
	database_open(bed->db);
}

static int
setup(void **state)
{
	const char *top = getenv("ANNEX_SRCDIR");
	struct bed *bed = calloc(1, sizeof(*bed));
	static unsigned made;

	assert_non_null(bed);
	bed->db = archivebed_new(DATABASE_SQLITE);
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema",
		 top != NULL ? top : ".");
	snprintf(bed->journal, sizeof(bed->journal), "%s/muc%u.journal",
		 database_folder(), ++made);
	bed->runtime.domain = "muc.example";
	bed->runtime.schema = bed->schema;
	bed->settings.archive = "chosen";
	bed->settings.journal = bed->journal;
	bed->settings.journal_bytes = JOURNAL_BYTES;
	snprintf(bed->jid, sizeof(bed->jid), "r@muc.example");
	bed->room = (struct room){
		.muc = &bed->muc, .jid = bed->jid, .created = 77,
		.state = ROOM_OPEN, .options = {
			.persistentroom = true, .enablearchiving = true,
		},
	};
	bed->arena = arena_new();
	*state = bed;
	return open_chronicle(bed);
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	close_chronicle(bed);
	database_free(&bed->db);
	metrics_free(&bed->runtime.metrics);
	arena_free(&bed->arena);
	free(bed);
	return 0;
}

static struct request
request(struct bed *bed, const char *children)
{
	struct request req = { .runtime = &bed->runtime,
			       .arena = bed->arena };
	struct xml *el = bed_xml(bed->arena, NS_CLIENT,
		arena_printf(bed->arena, "<message type='groupchat' id='m1' "
			     "xml:lang='de' from='ann@a.example/1' "
			     "to='r@muc.example'>%s</message>", children));

	assert_int_equal(stanza_parse(bed->arena, el, &req.stanza,
				      &bed->err), 0);
	return req;
}

static void
say(struct bed *bed, const char *uid, const char *body)
{
	struct request req = request(bed, arena_printf(bed->arena,
		"<body>%s</body><a xmlns='urn:a'/>", body));

	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = &bed->room, .stanza = &req.stanza, .nick = "Ann",
		.uid = uid, .stamp = 1700000000000000,
	});
}

static void
wait_for(struct bed *bed, const char *sql, int64_t wanted)
{
	int64_t found = -1;

	for (int i = 0; i < ROUNDS; i++) {
		found = database_ask(bed->db, sql);
		if (found == wanted)
			return;
		database_run(bed->db, 10);
	}
	fail_msg("%s: %d", sql, (int)found);
}

static void
writes_what_was_said(void **state)
{
	struct bed *bed = *state;

	say(bed, "u1", "one");
	say(bed, "u2", "two");
	wait_for(bed, COUNT, 2);
	wait_for(bed, COUNT "m JOIN archive_address s ON s.id = m.sender "
		 "JOIN archive_address r ON r.id = m.recipient WHERE "
		 "s.jid = 'ann@a.example' AND m.resource = '1' AND "
		 "r.jid = 'r@muc.example/77' AND m.to_resource = 'Ann' AND "
		 "m.type = 2 AND m.ways = 2 AND m.id = 'm1' AND "
		 "m.lang = 'de' AND m.stamp = 1700000000000000 AND "
		 "m.rest = '<a xmlns=''urn:a''/>'", 2);
	wait_for(bed, COUNT "a JOIN archive_message b ON a.uid = 'u1' AND "
		 "b.uid = 'u2' AND a.body = 'one' AND b.body = 'two' "
		 "WHERE a.serial < b.serial", 1);
}

/* One that was made anew is another room. */
static void
keeps_rooms_apart(void **state)
{
	struct bed *bed = *state;
	char *was = arena_strdup(bed->arena,
				 chronicle_address(&bed->room, bed->arena));

	assert_string_equal(was, "r@muc.example/77");
	bed->room.created = 78;
	say(bed, "u1", "one");
	wait_for(bed, COUNT "WHERE recipient = (SELECT id FROM "
		 "archive_address WHERE jid = 'r@muc.example/78')", 1);
}

static long long
metric(struct bed *bed, const char *name)
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
wait_metric(struct bed *bed, const char *name, long long wanted)
{
	for (int i = 0; i < ROUNDS && metric(bed, name) != wanted; i++)
		database_run(bed->db, 10);
	assert_int_equal(metric(bed, name), wanted);
}

/* The database does not have it when the process ends. */
static void
writes_what_it_left_behind(void **state)
{
	struct bed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	say(bed, "u1", "one");
	wait_metric(bed, KEPT, 1);
	close_chronicle(bed);
	assert_int_equal(database_ask(bed->db, COUNT), 0);
	database_do(bed->db, "DROP TRIGGER away");
	assert_int_equal(open_chronicle(bed), 0);
	wait_for(bed, COUNT "WHERE uid = 'u1'", 1);
}

static void
counts_what_is_lost(void **state)
{
	struct bed *bed = *state;
	char *large = arena_alloc(bed->arena, JOURNAL_BYTES / 3);

	say(bed, "u1", "one");
	wait_for(bed, COUNT, 1);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	memset(large, 'a', JOURNAL_BYTES / 3 - 1);
	for (int i = 0; i < 4; i++)
		say(bed, arena_printf(bed->arena, "v%d", i), large);
	wait_metric(bed, LOST, 2);
	wait_metric(bed, KEPT, 3);
	database_do(bed->db, "DROP TRIGGER away");
	wait_for(bed, COUNT, 3);
}

static const struct {
	const char *archive;
	bool persistent, archiving;
	enum room_state state;
	const char *children;
	bool wanted;
} cases[] = {
	{ "chosen", true, true, ROOM_OPEN, "<body>a</body>", true },
	{ "chosen", true, false, ROOM_OPEN, "<body>a</body>", false },
	{ "all", true, false, ROOM_OPEN, "<body>a</body>", true },
	{ "all", false, true, ROOM_OPEN, "<body>a</body>", false },
	{ "all", true, true, ROOM_LOCKED, "<body>a</body>", false },
	{ "all", true, true, ROOM_OPEN, "<subject>a</subject>", true },
	{ "all", true, true, ROOM_OPEN, "<subject/>", true },
	{ "all", true, true, ROOM_OPEN, "<reactions xmlns='urn:r'/>", true },
	{ "all", true, true, ROOM_OPEN,
	  "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
	  false },
	{ "all", true, true, ROOM_OPEN,
	  "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
	  "<store xmlns='urn:xmpp:hints'/>", true },
	{ "all", true, true, ROOM_OPEN,
	  "<body>a</body><no-store xmlns='urn:xmpp:hints'/>", false },
	{ "all", true, true, ROOM_OPEN,
	  "<body>a</body><no-permanent-store xmlns='urn:xmpp:hints'/>",
	  false },
};

static void
knows_what_is_archived(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request req = request(bed, cases[i].children);
		struct options *options = &bed->room.options;
		bool covered = cases[i].persistent &&
			       (cases[i].archiving ||
				strcmp(cases[i].archive, "all") == 0);

		close_chronicle(bed);
		bed->settings.archive = cases[i].archive;
		assert_int_equal(open_chronicle(bed), 0);
		options->persistentroom = cases[i].persistent;
		options->enablearchiving = cases[i].archiving;
		bed->room.state = cases[i].state;
		if (chronicle_wants(&bed->room, req.stanza.el) !=
		    cases[i].wanted)
			fail_msg("case %zu", i);
		assert_int_equal(chronicle_is_logged(bed->muc.chronicle,
						     options), covered);
		options->enablelogging = true;
		assert_true(chronicle_is_logged(bed->muc.chronicle, options));
		options->enablelogging = false;
	}
	assert_false(chronicle_is_chosen(bed->muc.chronicle));
	assert_false(chronicle_is_chosen(NULL));
	assert_false(chronicle_covers(NULL, &bed->room.options));
}

static const struct {
	const char *archive, *journal, *which;
} settings[] = {
	{ "none", "j", NULL },
	{ "chosen", "j", NULL },
	{ "all", "j", NULL },
	{ "yes", "j", "archive" },
	{ "", "j", "archive" },
	{ "all", "", "journal" },
};

static void
checks_its_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct muc_settings own = {
			.archive = settings[i].archive,
			.journal = settings[i].journal,
		};
		const char *which;
		struct error err;
		int ret = chronicle_check(&own, &which, &err);

		assert_int_equal(ret, settings[i].which ? -1 : 0);
		if (ret < 0)
			assert_string_equal(which, settings[i].which);
		assert_int_equal(chronicle_is_wanted(&own),
				 strcmp(own.archive, "none") != 0);
	}
}

static void
needs_a_database(void **state)
{
	struct database *db = database_new(DATABASE_NONE);
	struct runtime runtime = { 0 };
	const struct muc_settings own = { .archive = "all", .journal = "j" };
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

static int
make_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(writes_what_was_said),
		TEST(keeps_rooms_apart),
		TEST(writes_what_it_left_behind),
		TEST(counts_what_is_lost),
		TEST(knows_what_is_archived),
		cmocka_unit_test(checks_its_settings),
		cmocka_unit_test(needs_a_database),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_chronicle", tests, make_folder,
					   database_teardown);
}
