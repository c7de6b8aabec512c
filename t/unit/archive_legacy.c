#include "components/archive/import/legacy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "components/archive/commands.h"
#include "shared/arena.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"
#include "t/lib/spoolbed.h"

#define ITEM_AT(when, id, from, to, text) \
	"item({ [\"name\"] = \"message\"; [\"when\"] = " when "; [\"key\"] = " \
	"\"" id "\"; [\"with\"] = \"r@b\"; [\"attr\"] = { [\"from\"] = \"" \
	from "\"; [\"to\"] = \"" to "\"; [\"type\"] = \"chat\" }; " \
	"{ [\"name\"] = \"body\"; [\"attr\"] = {}; \"" text "\" } });\n"
#define ITEM(id, text) ITEM_AT("1700000000", id, "r@b/x", "j@a", text)
/* A copy in the archive of somebody of host a. */
#define RECORD(user, id, type) \
	"{archive_msg,{<<\"" user "\">>,<<\"a\">>},<<\"" id "\">>,\n" \
	" {1700,0,1},undefined,{<<\"x\">>,<<\"a\">>,<<>>},\n" \
	" {xmlel,<<\"message\">>,[{<<\"from\">>,<<\"j@a/x\">>}," \
	"{<<\"to\">>,<<\"r@a\">>}],[{xmlel,<<\"body\">>,[]," \
	"[{xmlcdata,<<\"hi\">>}]}]},<<>>," type "}.\n"
#define ASK(f, sql) database_ask((f)->calls->db, sql)
#define COUNT(f, where) \
	ASK(f, "SELECT count(*) FROM archive_message WHERE " where)

struct fixture {
	struct archive archive;
	struct callbed *calls;
	struct spoolbed *spool;
	struct hook *hook;
	struct metrics *metrics;
};

static int
set_up(void **state)
{
	static const char *const hosts[] = { "a", NULL };
	static const struct hook_use use;
	const struct hook_settings settings = { .hosts = hosts };
	const enum database_kind *kind = *state;
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->calls = callbed_new(*kind, archive_commands, &f->archive);
	f->spool = spoolbed_new();
	f->metrics = f->calls->runtime.metrics = metrics_new();
	f->calls->runtime.domain = "archive.a";
	f->hook = hook_new(&f->calls->runtime, &use, &settings);
	f->calls->runtime.hook = f->hook;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	hook_free(&f->hook);
	callbed_free(&f->calls);
	metrics_free(&f->metrics);
	spoolbed_free(&f->spool);
	free(f);
	return 0;
}

static const char *
import_at(struct fixture *f, const char *source, const char *place,
	  const char *option, const char *other)
{
	struct arena *arena = f->calls->arena;

	return CALLBED_COMMAND(f->calls, "import",
			       arena_printf(arena, "source=%s", source),
			       arena_printf(arena, "place=%s", place), option,
			       other);
}

/* What Prosody has in the archives of j and r, each NULL or items. */
static const char *
import_files(struct fixture *f, const char *js, const char *rs,
	     const char *option)
{
	if (js != NULL)
		spoolbed_write(f->spool, "a/archive/j.list", js);
	if (rs != NULL)
		spoolbed_write(f->spool, "a/archive/r.list", rs);
	return import_at(f, "prosody", f->spool->folder, option, NULL);
}

static const char *
said(struct fixture *f, unsigned read, unsigned taken, unsigned known,
     unsigned skipped)
{
	return arena_printf(f->calls->arena, "%u messages read: %u taken, %u "
			    "taken before, %u skipped\n", read, taken, known,
			    skipped);
}

static void
takes_each_message_once_with_its_id(void **state)
{
	struct fixture *f = *state;
	const char *items = ITEM("k1", "one") ITEM("k2", "two")
		ITEM_AT("1700000001.5", "k3", "j@a/y", "r@b", "three");

	assert_string_equal(import_files(f, items, NULL, NULL),
			    said(f, 3, 3, 0, 0));
	assert_int_equal(COUNT(f, "uid = 'k1' AND body = 'one' AND ways = 2 "
			       "AND serial = 1700000000000000 * 256 AND "
			       "stamp IS NULL AND flags = 2"), 1);
	assert_int_equal(COUNT(f, "uid = 'k2' AND "
			       "serial = 1700000000000001 * 256"), 1);
	assert_int_equal(COUNT(f, "uid = 'k3' AND ways = 1 AND "
			       "serial = 1700000001500000 * 256 AND "
			       "resource = 'y' AND flags = 0"), 1);
	assert_string_equal(import_files(f, NULL, NULL, NULL),
			    said(f, 3, 0, 3, 0));
	assert_int_equal(COUNT(f, "1 = 1"), 3);
}

static void
goes_on_where_it_was_broken_off(void **state)
{
	struct fixture *f = *state;

	import_files(f, ITEM("k1", "one"), NULL, NULL);
	assert_string_equal(import_files(f, ITEM("k1", "one")
					 ITEM("k2", "two"), NULL, NULL),
			    said(f, 2, 1, 1, 0));
	assert_int_equal(COUNT(f, "uid = 'k2' AND "
			       "serial = 1700000000000001 * 256"), 1);
}

static void
counts_what_it_would_take(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(import_files(f, ITEM("k1", "one"), NULL,
					 "dry-run=1"),
			    "1 messages read: 1 would be taken, 0 taken "
			    "before, 0 skipped\n");
	assert_int_equal(COUNT(f, "1 = 1"), 0);
	import_files(f, NULL, NULL, NULL);
	assert_string_equal(import_files(f, NULL, NULL, "dry-run=1"),
			    "1 messages read: 0 would be taken, 1 taken "
			    "before, 0 skipped\n");
}

static void
joins_both_copies_where_they_have_one_id(void **state)
{
	struct fixture *f = *state;
	const char *path = spoolbed_path(f->spool, "dump");

	path = arena_strdup(f->calls->arena, path);
	spoolbed_write(f->spool, "dump", RECORD("r", "7", "chat")
		       RECORD("j", "7", "chat") RECORD("hall", "8",
						       "groupchat"));
	assert_string_equal(import_at(f, "ejabberd", path, NULL, NULL),
			    said(f, 2, 2, 0, 0));
	assert_int_equal(COUNT(f, "uid = '7' AND ways = 3 AND body = 'hi'"),
			 1);
	assert_int_equal(COUNT(f, "1 = 1"), 1);
	assert_string_equal(import_at(f, "ejabberd", path, NULL, NULL),
			    said(f, 2, 0, 2, 0));
}

/* Where each has an id, both are found by it. */
static void
keeps_both_copies_where_each_has_an_id(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(import_files(f,
		ITEM_AT("1700000000", "k1", "j@a/x", "r@a", "hi"),
		ITEM_AT("1700000000", "k2", "j@a/x", "r@a", "hi"), NULL),
		said(f, 2, 2, 0, 0));
	assert_int_equal(COUNT(f, "uid = 'k1' AND ways = 1"), 1);
	assert_int_equal(COUNT(f, "uid = 'k2' AND ways = 2"), 1);
}

static void
reads_a_database_by_its_url(void **state)
{
	struct fixture *f = *state;
	struct database *db = database_new(DATABASE_SQLITE);

	database_open(db);
	database_do(db, "CREATE TABLE archive (username TEXT, timestamp "
		    "BIGINT, bare_peer TEXT, xml TEXT, id BIGINT, kind TEXT)");
	database_do(db, "INSERT INTO archive VALUES ('j', 1700000000000007, "
		    "'r@b', '<message from=''j@a/x'' to=''r@b''><body>hi"
		    "</body></message>', 1, 'chat')");
	assert_string_equal(import_at(f, "ejabberd", db->url, NULL, NULL),
			    said(f, 1, 1, 0, 0));
	assert_int_equal(COUNT(f, "uid = '1700000000000007' AND "
			       "serial = 1700000000000007 * 256"), 1);
	database_free(&db);
}

static void
takes_those_of_one_host_or_time(void **state)
{
	struct fixture *f = *state;
	const char *folder = f->spool->folder;

	spoolbed_write(f->spool, "old/archive/j.list",
		       ITEM_AT("1700000000", "k1", "j@old/x", "r@old", "hi")
		       ITEM_AT("1710000000", "k2", "j@old/x", "r@b", "hi"));
	assert_string_equal(import_at(f, "prosody", folder, "from=other",
				      "host=a"), said(f, 0, 0, 0, 0));
	assert_string_equal(import_at(f, "prosody", folder, NULL, NULL),
			    arena_printf(f->calls->arena,
			    "j@old|old/j.list line 1|messages of old are not "
			    "kept here\nj@old|old/j.list line 2|messages of "
			    "old are not kept here\n%s2 skipped: messages of "
			    "old are not kept here\n", said(f, 2, 0, 0, 2)));
	assert_string_equal(CALLBED_COMMAND(f->calls, "import",
			"source=prosody", arena_printf(f->calls->arena,
			"place=%s", folder), "from=old", "host=a",
			"until=2024-01-01"), said(f, 1, 1, 0, 0));
	assert_int_equal(ASK(f, "SELECT count(*) FROM archive_message m JOIN "
			     "archive_address s ON s.id = m.sender JOIN "
			     "archive_address r ON r.id = m.recipient WHERE "
			     "s.jid = 'j@a' AND r.jid = 'r@a'"), 1);
}

/* A constraint, as databases understand it. */
static void
refuse(struct fixture *f, const char *body)
{
	struct database *db = f->calls->db;
	const char *sql = db->kind == DATABASE_SQLITE ?
		"CREATE TRIGGER refusal BEFORE INSERT ON archive_message "
		"WHEN NEW.body %s BEGIN SELECT RAISE(ABORT, 'refused'); END" :
		"ALTER TABLE archive_message ADD CONSTRAINT refusal "
		"CHECK (NOT body %s)";
	char *text = arena_strdup(f->calls->arena, sql);
	const char *at = strstr(text, "%s");

	database_do(db, arena_printf(f->calls->arena, "%.*s%s%s",
				     (int)(at - text), text, body, at + 2));
}

static void
names_what_the_database_refuses(void **state)
{
	struct fixture *f = *state;
	const char *out;

	refuse(f, "= 'two'");
	out = import_files(f, ITEM("k1", "one") ITEM("k2", "two")
			   ITEM("k3", "three"), NULL, NULL);
	assert_string_equal(out, arena_printf(f->calls->arena,
		"j@a|a/j.list line 2|the database refuses it: the log says "
		"why\n%s1 skipped: the database refuses it: the log says "
		"why\n", said(f, 3, 2, 0, 1)));
	assert_int_equal(COUNT(f, "1 = 1"), 2);
}

static void
ends_when_the_database_refuses_all(void **state)
{
	struct fixture *f = *state;
	const char *out;

	refuse(f, "<> ''");
	out = import_files(f, ITEM("k1", "one") ITEM("k2", "two"), NULL,
			   NULL);
	assert_non_null(strstr(out, said(f, 2, 0, 0, 2)));
	assert_non_null(strstr(out, "error: "));
}

static void
names_what_is_broken_and_takes_the_rest(void **state)
{
	struct fixture *f = *state;
	const char *out = import_files(f, ITEM("k1", "one")
		"item({ ~ });\n" ITEM("", "two")
		ITEM_AT("1", "k4", "r@b", "j@a", "three")
		ITEM("k5", "four"), NULL, NULL);

	assert_non_null(strstr(out, "j@a|a/j.list line 2|byte 8 of "));
	assert_non_null(strstr(out, "j@a|a/j.list line 3|it has no id "));
	assert_non_null(strstr(out, "j@a|a/j.list line 4|when it was sent "));
	assert_non_null(strstr(out, said(f, 5, 2, 0, 3)));
	assert_non_null(strstr(out, "1 skipped: when it was sent is not "
			       "known\n"));
}

static void
notes_who_has_done_it(void **state)
{
	struct fixture *f = *state;

	import_files(f, ITEM("k1", "one"), NULL, NULL);
	import_at(f, "prosody", "postgresql://me:secret@127.0.0.1:1/x", NULL,
		  NULL);
	assert_int_equal(ASK(f, "SELECT count(*) FROM audit_entry WHERE "
			     "number = 1 AND who = 'the operator' AND "
			     "action = 'import'"), 1);
	assert_int_equal(ASK(f, "SELECT count(*) FROM audit_entry WHERE "
			     "number = 2 AND action = 'imported' AND detail "
			     "LIKE '{\"read\":1,\"taken\":1,\"taken_before\":"
			     "0,\"skipped\":0,\"whole\":true}'"), 1);
	assert_int_equal(ASK(f, "SELECT count(*) FROM audit_entry WHERE "
			     "number = 3 AND detail LIKE "
			     "'%postgresql://***%'"), 1);
	assert_int_equal(ASK(f, "SELECT count(*) FROM audit_entry WHERE "
			     "detail LIKE '%secret%'"), 0);
}

static void
says_what_it_cannot_do(void **state)
{
	struct fixture *f = *state;
	const char *folder = f->spool->folder;

	assert_non_null(strstr(import_at(f, "prosody", "/nowhere", NULL,
					 NULL), "error: /nowhere: No such"));
	assert_non_null(strstr(import_at(f, "prosody", folder, NULL, NULL),
			       "no host has a folder named archive there"));
	assert_non_null(strstr(import_at(f, "prosody", folder, "host=j@a",
					 NULL), "host: a host is wanted"));
	assert_non_null(strstr(import_at(f, "prosody", folder, "since=once",
					 NULL), "is no time"));
	f->archive.legacy = (struct legacy *)f;
	assert_non_null(strstr(import_at(f, "prosody", folder, NULL, NULL),
			       "another import is under way"));
	f->archive.legacy = NULL;
}

/* More than a page, in several months, of users in turn. */
static void
takes_many(void **state)
{
	struct fixture *f = *state;
	struct str items = { 0 };

	for (int i = 0; i < 950; i++)
		str_addf(&items, "item({ [\"name\"] = \"message\"; "
			 "[\"when\"] = %d; [\"key\"] = \"k%d\"; [\"attr\"] = "
			 "{ [\"from\"] = \"j@a\"; [\"to\"] = \"r@b\" } });\n",
			 1600000000 + i / 3 * 100000, i);
	assert_string_equal(import_files(f, items.data, NULL, NULL),
			    said(f, 950, 950, 0, 0));
	str_fini(&items);
	assert_int_equal(COUNT(f, "1 = 1"), 950);
	assert_int_equal(ASK(f, "SELECT count(DISTINCT serial) FROM "
			     "archive_message"), 950);
	assert_string_equal(import_files(f, NULL, NULL, NULL),
			    said(f, 950, 0, 950, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(takes_each_message_once_with_its_id),
		TEST(goes_on_where_it_was_broken_off),
		TEST(counts_what_it_would_take),
		TEST(joins_both_copies_where_they_have_one_id),
		TEST(keeps_both_copies_where_each_has_an_id),
		TEST(reads_a_database_by_its_url),
		TEST(takes_those_of_one_host_or_time),
		TEST(names_what_the_database_refuses),
		TEST(ends_when_the_database_refuses_all),
		TEST(names_what_is_broken_and_takes_the_rest),
		TEST(notes_who_has_done_it),
		TEST(says_what_it_cannot_do),
		TEST(takes_many),
	};

	return archivebed_run("archive_legacy", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
