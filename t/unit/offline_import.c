#include "components/offline/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"
#include "t/lib/spoolbed.h"

#define USER "j@example"
#define STAMP "[\"stamp\"] = \"2026-11-29T18:24:22Z\""
#define ITEM(from, text) "item({ [\"name\"] = \"message\"; [\"attr\"] = { " \
	STAMP "; [\"from\"] = \"" from "\"; [\"type\"] = \"chat\" }; " \
	"{ [\"name\"] = \"body\"; [\"attr\"] = {}; \"" text "\" } });\n"
#define LIMIT "the user, or the sender with this user, has as many as are " \
	"allowed\n"

struct fixture {
	struct offlinebed *bed;
	struct spoolbed *spool;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	fixture.bed = offlinebed_new();
	fixture.spool = spoolbed_new();
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	offlinebed_free(&f->bed);
	spoolbed_free(&f->spool);
	return 0;
}

/* The file of a user j. */
static void
write_host(struct fixture *f, const char *host, const char *items)
{
	char name[100];

	snprintf(name, sizeof(name), "%s/offline/j.list", host);
	spoolbed_write(f->spool, name, items);
}

static const char *
import(struct fixture *f, const char *option, const char *other)
{
	char place[100];

	snprintf(place, sizeof(place), "place=%s", f->spool->folder);
	return OFFLINEBED_COMMAND(f->bed, "import", "source=prosody", place,
				  option, other);
}

static const char *
said(unsigned read, unsigned taken, unsigned known, unsigned skipped)
{
	static char text[200];

	snprintf(text, sizeof(text), "%u messages read: %u taken, %u taken "
		 "before, %u skipped\n", read, taken, known, skipped);
	return text;
}

static void
takes_messages_once_and_in_order(void **state)
{
	struct fixture *f = *state;

	write_host(f, "example", ITEM("r@b/c", "one") ITEM("d@e", "two"));
	assert_string_equal(import(f, NULL, NULL), said(2, 2, 0, 0));
	assert_int_equal(offlinebed_stored(f->bed, "jid = '" USER "'"), 2);
	assert_int_equal(offlinebed_stored(f->bed,
		"sender = 'r@b' AND resource = 'c' AND id LIKE 'import-%' AND "
		"stamp = 1795976662000000 AND arrived > stamp - 10000000 AND "
		"stanza LIKE '%<body>one</body>%' AND serial = (SELECT "
		"MIN(serial) FROM offline_message)"), 1);
	assert_int_equal(mailbox_find(f->bed->offline, USER)->count, 2);

	assert_string_equal(import(f, NULL, NULL), said(2, 0, 2, 0));
	assert_int_equal(mailbox_find(f->bed->offline, USER)->count, 2);
	/* Nor when they have been delivered meanwhile. */
	fake_store_ask(f->bed->store, "DELETE FROM offline_message");
	assert_string_equal(import(f, NULL, NULL), said(2, 0, 2, 0));
	assert_int_equal(offlinebed_stored(f->bed, "1"), 0);
}

static void
only_counts_in_a_dry_run(void **state)
{
	struct fixture *f = *state;

	write_host(f, "example", ITEM("r@b", "one") ITEM("r@b", "two"));
	assert_string_equal(import(f, "dry-run=1", NULL),
			    "2 messages read: 2 would be taken, 0 taken "
			    "before, 0 skipped\n");
	assert_int_equal(offlinebed_stored(f->bed, "1"), 0);
	import(f, NULL, NULL);
	assert_string_equal(import(f, "dry-run=1", NULL),
			    "2 messages read: 0 would be taken, 2 taken "
			    "before, 0 skipped\n");
}

static void
takes_those_of_one_host_to_another(void **state)
{
	struct fixture *f = *state;
	const char *out;

	write_host(f, "mantua", ITEM("r@b", "one"));
	write_host(f, "padua", ITEM("r@b", "two"));
	out = import(f, NULL, NULL);
	assert_int_equal(offlineshim_times(out, "are not kept here\n"), 2);
	assert_non_null(strstr(out, "j@mantua|mantua/j.list line 1|messages "
			       "of mantua are not kept here\n"));
	assert_non_null(strstr(out, said(2, 0, 0, 2)));
	assert_string_equal(import(f, "from=verona", "host=example"),
			    said(0, 0, 0, 0));
	assert_string_equal(import(f, "from=mantua", "host=example"),
			    said(1, 1, 0, 0));
	assert_int_equal(offlinebed_stored(f->bed, "jid = '" USER "' AND "
			 "stanza LIKE '%to=''" USER "''%one%'"), 1);
	assert_int_equal(offlinebed_stored(f->bed, "1"), 1);
}

static void
wants_hosts_where_hosts_are_wanted(void **state)
{
	struct fixture *f = *state;

	write_host(f, "example", ITEM("r@b", "one"));
	assert_string_equal(import(f, "from=j@mantua", NULL),
			    "error: from: a host is wanted\n");
	assert_string_equal(import(f, "host=example/x", NULL),
			    "error: host: a host is wanted\n");
	assert_null(f->bed->offline->import);
	assert_string_equal(import(f, NULL, NULL), said(1, 1, 0, 0));
}

static void
skips_what_is_above_a_limit(void **state)
{
	struct fixture *f = *state;
	const char *out;

	/* Five of one sender, and ten in all. */
	write_host(f, "example",
		   ITEM("a@b", "1") ITEM("a@b", "2") ITEM("a@b/x", "3")
		   ITEM("a@b", "4") ITEM("a@b", "5") ITEM("a@b", "6")
		   ITEM("c@d", "7"));
	out = import(f, NULL, NULL);
	assert_non_null(strstr(out, USER "|example/j.list line 6|" LIMIT));
	assert_non_null(strstr(out, said(7, 6, 0, 1)));
	offlinebed_fill(f->bed, USER, 4, "e@f");
	mailbox_doubt(mailbox_find(f->bed->offline, USER));
	write_host(f, "example", ITEM("c@d", "7") ITEM("c@d", "8"));
	out = import(f, NULL, NULL);
	assert_int_equal(offlineshim_times(out, LIMIT), 2);
	assert_int_equal(offlinebed_stored(f->bed, "1"), 10);
	/* What had been taken is not too much. */
	write_host(f, "example", ITEM("a@b", "1") ITEM("a@b", "2"));
	assert_string_equal(import(f, NULL, NULL), said(2, 0, 2, 0));
}

static const struct {
	const char *item, *row;
} odd[] = {
	{ "item({ ~ });\n", USER "|example/j.list line 1|byte 8 of the item: "
	  "no value\n" },
	{ "item({ [\"name\"] = \"iq\"; [\"attr\"] = { [\"from\"] = \"r@b\" } "
	  "});\n", "example/j.list line 1|it is no message\n" },
	{ ITEM("@", "one"), USER "|example/j.list line 1|" },
	{ "item({ [\"name\"] = \"message\"; [\"attr\"] = {} });\n",
	  USER "|example/j.list line 1|it has no sender\n" },
};

static void
names_what_cannot_be_taken(void **state)
{
	struct fixture *f = *state;
	char text[1000];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const char *out;

		snprintf(text, sizeof(text), "%s%s", odd[i].item,
			 ITEM("r@b", "good"));
		write_host(f, "example", text);
		out = import(f, NULL, NULL);
		if (strstr(out, odd[i].row) == NULL ||
		    strstr(out, said(2, i == 0, i > 0, 1)) == NULL)
			fail_msg("%zu: %s", i, out);
	}
}

static void
add_long(struct str *text, const char *begin, size_t len, const char *end)
{
	str_addz(text, begin);
	for (size_t i = 0; i < len; i++)
		str_addc(text, 'x');
	str_addz(text, end);
}

/* The rest is taken all the same. */
static void
skips_what_is_too_large_to_be_delivered(void **state)
{
	struct fixture *f = *state;
	struct str text = { 0 };
	const char *out;

	add_long(&text, "item({ [\"name\"] = \"message\"; [\"attr\"] = { "
		 "[\"from\"] = \"r@b\" }; \"", 300000, "\" });\n");
	str_addz(&text, ITEM("r@b", "good"));
	write_host(f, "example", text.data);
	str_fini(&text);
	out = import(f, NULL, NULL);
	assert_non_null(strstr(out, "line 1|too large to be delivered\n"));
	assert_non_null(strstr(out, said(2, 1, 0, 1)));
}

/* Of ejabberd: a file's name would be too long.  Its user has 1031 bytes, the
   sender 1003 and those. */
static void
add_record(struct str *text, size_t more)
{
	add_long(text, "{offline_msg,{<<\"j", 1022, "\">>,<<\"example\">>},"
		 "{1795,976662,1},never,");
	add_long(text, "{jid,<<\"r", more, "\">>,");
	add_long(text, "<<\"b", 1000, "\">>,<<>>,<<>>,<<>>,<<>>},undefined,[],"
		 "{xmlel,<<\"message\">>,[],[]}}.\n");
}

static void
skips_what_the_index_has_no_room_for(void **state)
{
	struct fixture *f = *state;
	struct str text = { 0 };
	char place[100];
	const char *out;

	/* An id has 47 bytes. */
	add_record(&text, 2670 - 47 - 1031 - 1003 + 1);
	add_record(&text, 2670 - 47 - 1031 - 1003);
	spoolbed_write(f->spool, "dump", text.data);
	str_fini(&text);
	snprintf(place, sizeof(place), "place=%s/dump", f->spool->folder);
	out = OFFLINEBED_COMMAND(f->bed, "import", "source=ejabberd", place);
	assert_non_null(strstr(out, "|line 1|the addresses are too long\n"));
	assert_non_null(strstr(out, said(2, 1, 0, 1)));
}

static void
ends_when_the_database_refuses(void **state)
{
	struct fixture *f = *state;
	const char *out;

	write_host(f, "example", ITEM("a@b", "1") ITEM("c@d", "2")
		   ITEM("a@b", "3"));
	fake_store_set_refused(f->bed->store, "c@d");
	out = import(f, NULL, NULL);
	assert_non_null(strstr(out, "error: "));
	fake_store_set_refused(f->bed->store, NULL);
	assert_null(f->bed->offline->import);
	out = import(f, NULL, NULL);
	assert_null(strstr(out, "error: "));
	assert_int_equal(offlinebed_stored(f->bed, "1"), 3);
}

static void
ends_when_the_database_is_away(void **state)
{
	struct fixture *f = *state;

	write_host(f, "example", ITEM("a@b", "1") ITEM("c@d", "2"));
	fake_store_set_away(f->bed->store, true);
	assert_string_equal(import(f, NULL, NULL),
			    "0 messages read: 0 taken, 0 taken before, "
			    "0 skipped\nerror: away\n");
	fake_store_set_away(f->bed->store, false);
	assert_string_equal(import(f, NULL, NULL), said(2, 2, 0, 0));
}

static void
is_one_at_a_time(void **state)
{
	struct fixture *f = *state;

	f->bed->offline->import = (struct import *)f;
	assert_string_equal(import(f, NULL, NULL),
			    "error: another import is under way\n");
	f->bed->offline->import = NULL;
}

static void
says_when_the_source_cannot_be_read(void **state)
{
	struct fixture *f = *state;
	const char *out;

	out = OFFLINEBED_COMMAND(f->bed, "import", "source=ejabberd",
				 "place=/nowhere");
	assert_string_equal(out, "error: /nowhere: No such file or "
			    "directory\n");
	out = import(f, NULL, NULL);
	assert_non_null(strstr(out, said(0, 0, 0, 0)));
	assert_non_null(strstr(out, "error: "));
	assert_non_null(strstr(out, "no host has a folder named offline"));
	assert_null(f->bed->offline->import);
}

/* Several pages, for users whose messages are to be counted first. */
static void
takes_many_of_many(void **state)
{
	struct fixture *f = *state;
	char name[100];

	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "example/offline/u%d.list", i);
		spoolbed_write(f->spool, name,
			       ITEM("a@b", "1") ITEM("c@d", "2"));
	}
	offlinebed_fill(f->bed, "u7@example", 10, "e@f");
	assert_non_null(strstr(import(f, NULL, NULL), said(300, 298, 0, 2)));
	assert_int_equal(offlinebed_stored(f->bed, "sender = 'a@b'"), 149);
	assert_int_equal(offlinebed_stored(f->bed, "jid = 'u149@example'"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_messages_once_and_in_order),
		TEST(only_counts_in_a_dry_run),
		TEST(takes_those_of_one_host_to_another),
		TEST(wants_hosts_where_hosts_are_wanted),
		TEST(skips_what_is_above_a_limit),
		TEST(names_what_cannot_be_taken),
		TEST(skips_what_is_too_large_to_be_delivered),
		TEST(skips_what_the_index_has_no_room_for),
		TEST(ends_when_the_database_refuses),
		TEST(ends_when_the_database_is_away),
		TEST(is_one_at_a_time),
		TEST(says_when_the_source_cannot_be_read),
		TEST(takes_many_of_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_import", tests, NULL,
					   NULL);
}
