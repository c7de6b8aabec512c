#include "components/muc/handover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle.h"
#include "components/muc/commands.h"
#include "components/muc/muc.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/metric.h"
#include "shared/migrate.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"
#include "t/lib/spoolbed.h"

#define ITEM(id, nick, text) \
	"item({ [\"name\"] = \"message\"; [\"when\"] = 1700000000; " \
	"[\"key\"] = \"" id "\"; [\"with\"] = \"message<groupchat\"; " \
	"[\"attr\"] = { [\"from\"] = \"hall@muc.a/" nick "\"; [\"type\"] = " \
	"\"groupchat\" }; { [\"name\"] = \"body\"; [\"attr\"] = {}; \"" text \
	"\" } });\n"
/* A room that was created at 77. */
#define ADD_ROOM(jid, persistent, archiving) \
	"INSERT INTO muc_room (jid, domain, created, subject, subject_nick, " \
	"subject_stamp, roomname, roomdesc, lang, persistentroom, " \
	"publicroom, membersonly, passwordprotectedroom, roomsecret, " \
	"moderatedroom, allowinvites, changesubject, enablelogging, " \
	"showabsent, allowpm, whois, presencebroadcast, getmemberlist, " \
	"maxusers, maxhistoryfetch, pubsub, enablearchiving) VALUES " \
	"('" jid "', 'muc.a', 77, '', '', 0, '', '', '', " persistent \
	", 1, 0, 0, '', 0, 0, 0, 0, 0, '', '', '', '', 0, 0, '', " archiving \
	")"
#define COUNT(f, where) \
	database_ask((f)->calls->db, "SELECT count(*) FROM archive_message m " \
		     "JOIN archive_address s ON s.id = m.sender " \
		     "JOIN archive_address r ON r.id = m.recipient " \
		     "WHERE " where)

struct fixture {
	struct callbed *calls;
	struct spoolbed *spool;
	struct metrics *metrics;
	struct muc muc;
	struct muc_settings settings;
	char schema[256], journal[300];
	bool done;
};

static void
on_migrated(void *ctx, unsigned applied, const struct error *err)
{
	struct fixture *f = ctx;

	assert_null(err);
	assert_true(applied > 0);
	f->done = true;
}

static void
add_tables(struct fixture *f)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%s/muc", f->schema);
	migrate_run(f->calls->db->store, folder, "muc", false, on_migrated,
		    f);
	database_wait(f->calls->db, &f->done);
}

static void
open_chronicle(struct fixture *f, const char *archive)
{
	struct error err;

	f->settings.archive = archive;
	f->muc.coverage = coverage_of(archive);
	f->settings.retract = "tombstone";
	f->settings.journal = f->journal;
	f->settings.journal_bytes = 8 << 20;
	assert_int_equal(chronicle_new(&f->calls->runtime, &f->settings,
				       &f->muc.chronicle, &err), 0);
}

static int
set_up_with(void **state, const char *archive)
{
	static unsigned made;
	const enum database_kind *kind = *state;
	const char *top = getenv("ANNEX_SRCDIR");
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->calls = callbed_new(*kind, muc_commands, &f->muc);
	f->spool = spoolbed_new();
	snprintf(f->schema, sizeof(f->schema), "%s/schema",
		 top != NULL ? top : ".");
	snprintf(f->journal, sizeof(f->journal), "%s/handover%u.journal",
		 database_folder(), ++made);
	f->metrics = f->calls->runtime.metrics = metrics_new();
	f->calls->runtime.domain = "muc.a";
	f->calls->runtime.schema = f->schema;
	f->muc.runtime = &f->calls->runtime;
	add_tables(f);
	roomstore_init(&f->muc.roomstore, &f->muc);
	open_chronicle(f, archive);
	*state = f;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_with(state, "chosen");
}

static int
set_up_persistent(void **state)
{
	return set_up_with(state, "persistent");
}

static void
on_stopped(void *ctx)
{
	struct fixture *f = ctx;

	f->done = true;
}

static void
close_chronicle(struct fixture *f)
{
	f->done = false;
	chronicle_stop(f->muc.chronicle, on_stopped, f);
	database_wait(f->calls->db, &f->done);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	close_chronicle(f);
	roomstore_stop(&f->muc.roomstore);
	/* What is freed is used until the store is closed. */
	database_close(f->calls->db, 0);
	chronicle_free(&f->muc.chronicle);
	roomstore_fini(&f->muc.roomstore);
	database_open(f->calls->db);
	callbed_free(&f->calls);
	metrics_free(&f->metrics);
	spoolbed_free(&f->spool);
	free(f);
	return 0;
}

static const char *
import(struct fixture *f, const char *option, const char *other)
{
	return CALLBED_COMMAND(f->calls, "import", "source=prosody",
			       arena_printf(f->calls->arena, "place=%s",
					    f->spool->folder), option, other);
}

static void
takes_what_was_said_in_a_room_once(void **state)
{
	struct fixture *f = *state;

	database_do(f->calls->db, ADD_ROOM("hall@muc.a", "1", "1"));
	spoolbed_write(f->spool, "muc.a/muc_log/hall.list",
		       ITEM("k1", "nick", "one") ITEM("k2", "other", "two"));
	assert_string_equal(import(f, NULL, NULL), "2 messages read: 2 taken, "
			    "0 taken before, 0 skipped\n");
	assert_int_equal(COUNT(f, "r.jid = 'hall@muc.a/77' AND m.type = 2 AND "
			       "m.ways = 2 AND m.uid = 'k1' AND m.to_resource "
			       "= 'nick' AND m.body = 'one'"), 1);
	assert_string_equal(import(f, NULL, NULL), "2 messages read: 0 taken, "
			    "2 taken before, 0 skipped\n");
	assert_int_equal(COUNT(f, "1 = 1"), 2);
	assert_int_equal(database_ask(f->calls->db, "SELECT count(*) FROM "
		"audit_entry WHERE action = 'import' AND detail LIKE "
		"'{\"source\":\"prosody\",\"place\":\"%\"}'"), 2);
}

static void
takes_them_for_rooms_elsewhere(void **state)
{
	struct fixture *f = *state;

	database_do(f->calls->db, ADD_ROOM("hall@rooms.b", "1", "1"));
	spoolbed_write(f->spool, "muc.a/muc_log/hall.list",
		       ITEM("k1", "nick", "one"));
	assert_string_equal(import(f, "from=muc.a", "host=rooms.b"),
			    "1 messages read: 1 taken, 0 taken before, 0 "
			    "skipped\n");
	assert_int_equal(COUNT(f, "r.jid = 'hall@rooms.b/77'"), 1);
}

static void
names_rooms_that_have_no_archive(void **state)
{
	struct fixture *f = *state;
	const char *out;

	database_do(f->calls->db, ADD_ROOM("plain@muc.a", "1", "0"));
	database_do(f->calls->db, ADD_ROOM("short@muc.a", "0", "1"));
	spoolbed_write(f->spool, "muc.a/muc_log/plain.list",
		       ITEM("k1", "nick", "one"));
	spoolbed_write(f->spool, "muc.a/muc_log/short.list",
		       ITEM("k2", "nick", "one"));
	spoolbed_write(f->spool, "muc.a/muc_log/none.list",
		       ITEM("k3", "nick", "one") ITEM("k4", "nick", "two"));
	out = import(f, NULL, NULL);
	assert_non_null(strstr(out, "plain@muc.a|muc.a/plain.list line 1|the "
			       "room has no archive (enablearchiving)\n"));
	assert_non_null(strstr(out, "short@muc.a|muc.a/short.list line 1|"
			       "there is no such persistent room here\n"));
	assert_non_null(strstr(out, "3 skipped: there is no such persistent "
			       "room here\n"));
	assert_non_null(strstr(out, "4 messages read: 0 taken, 0 taken "
			       "before, 4 skipped\n"));
	assert_int_equal(COUNT(f, "1 = 1"), 0);
}

static void
takes_what_no_owner_had_to_choose(void **state)
{
	struct fixture *f = *state;

	database_do(f->calls->db, ADD_ROOM("hall@muc.a", "1", "0"));
	spoolbed_write(f->spool, "muc.a/muc_log/hall.list",
		       ITEM("k1", "nick", "one"));
	assert_string_equal(import(f, NULL, NULL), "1 messages read: 1 taken, "
			    "0 taken before, 0 skipped\n");
}

static void
says_what_it_cannot_do(void **state)
{
	struct fixture *f = *state;
	struct chronicle *chronicle = f->muc.chronicle;

	assert_non_null(strstr(import(f, NULL, NULL), "no host has a folder "
			       "named muc_log there"));
	assert_null(f->muc.handover);
	assert_non_null(strstr(import(f, "host=a@b", NULL),
			       "host: a host is wanted"));
	f->muc.handover = (struct handover *)f;
	assert_non_null(strstr(import(f, NULL, NULL),
			       "another import is under way"));
	f->muc.handover = NULL;
	f->muc.chronicle = NULL;
	assert_non_null(strstr(import(f, NULL, NULL),
			       "nothing is archived: setting archive"));
	f->muc.chronicle = chronicle;
}

static void
says_what_the_database_says(void **state)
{
	struct fixture *f = *state;

	spoolbed_write(f->spool, "muc.a/muc_log/hall.list",
		       ITEM("k1", "nick", "one"));
	database_do(f->calls->db, "ALTER TABLE muc_room RENAME TO away");
	assert_non_null(strstr(import(f, NULL, NULL), "error: "));
	database_do(f->calls->db, "ALTER TABLE away RENAME TO muc_room");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(takes_what_was_said_in_a_room_once),
		TEST(takes_them_for_rooms_elsewhere),
		TEST(names_rooms_that_have_no_archive),
		cmocka_unit_test_setup_teardown(
			takes_what_no_owner_had_to_choose,
			set_up_persistent, tear_down),
		TEST(says_what_it_cannot_do),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("muc_handover", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
