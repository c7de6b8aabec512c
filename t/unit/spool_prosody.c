#include "shared/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/scroll.h"
#include "t/lib/spoolbed.h"

#define ITEM(text) "item({ [\"name\"] = \"message\"; [\"attr\"] = {}; \"" \
	text "\" });\n"
#define ONE "juliet@a "

static const char *
read_all(struct spoolbed *bed)
{
	assert_int_equal(spoolbed_open(bed, &prosody_spool, bed->folder), 0);
	return spoolbed_read(bed);
}

static void
reads_a_users_items_in_their_order(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_write(bed, "a/offline/juliet.list",
		       "item({ [\"name\"] = \"message\";\n\t[\"attr\"] = {\n"
		       "[\"stamp\"] = \"2026-11-29T18:24:22Z\"; };\n});\n"
		       ITEM("two") ITEM("three"));
	assert_string_equal(read_all(bed),
		ONE "a/juliet.list line 1: 1 1795976662000000 "
		"<message></message>\n"
		ONE "a/juliet.list line 5: 2 0 <message>two</message>\n"
		ONE "a/juliet.list line 6: 3 0 <message>three</message>\n");
	assert_true(bed->page.total > 0);
	assert_true(bed->page.done == bed->page.total);
}

static const struct {
	const char *file, *user, *host;
} names[] = {
	{ "verona%2eexample/offline/juliet.list",
	  "juliet", "verona.example" },
	{ "a/offline/ju%5c20liet.list", "ju\\20liet", "a" },
	{ "a/offline/j%c3%bcliet.list", "j\xc3\xbcliet", "a" },
	/* What is none of its doing stays as it is. */
	{ "a/offline/x%2Ey.list", "x%2Ey", "a" },
	{ "a/offline/x%zz.list", "x%zz", "a" },
	{ "a/offline/x%.list", "x%", "a" },
	{ "a/offline/x%2.list", "x%2", "a" },
	{ "a/offline/x%00.list", "x%00", "a" },
	{ "a/offline/.list.list", NULL, NULL },
};

static void
knows_users_and_hosts_by_their_files(void **state)
{
	struct spoolbed *bed = *state;
	char wanted[200];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		spoolbed_write(bed, names[i].file, ITEM("hi"));
	read_all(bed);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].user == NULL)
			continue;
		snprintf(wanted, sizeof(wanted), "%s@%s %s", names[i].user,
			 names[i].host, names[i].host);
		if (strstr(bed->said.data, wanted) == NULL)
			fail_msg("%s in\n%s", wanted, bed->said.data);
	}
	assert_null(strstr(bed->said.data, ".list.list"));
}

static void
passes_over_what_is_no_users_file(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_write(bed, "a/offline/juliet.list", ITEM("one"));
	spoolbed_write(bed, "a/offline/juliet.lidx", "index");
	spoolbed_write(bed, "a/offline/juliet.dat", ITEM("other"));
	spoolbed_write(bed, "a/offline/.list", ITEM("hidden"));
	spoolbed_write(bed, "a/offline/empty.list", "");
	spoolbed_write(bed, "a/offline/blank.list", "\n \n");
	spoolbed_write(bed, "a/archive/juliet.list", ITEM("archived"));
	spoolbed_write(bed, "b/offline", "no folder");
	spoolbed_write(bed, "c", "no folder");
	spoolbed_write(bed, ".d/offline/juliet.list", ITEM("hidden"));
	assert_string_equal(read_all(bed),
		ONE "a/juliet.list line 1: 1 0 <message>one</message>\n");
}

static void
reads_archives(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_write(bed, "a/offline/juliet.list", ITEM("offline"));
	spoolbed_write(bed, "a/archive/juliet.list",
		       "item({ [\"name\"] = \"message\"; [\"attr\"] = {};\n"
		       "[\"key\"] = \"k-1\"; [\"with\"] = \"romeo@b\";\n"
		       "[\"when\"] = 1795976662.25; \"one\" });\n");
	bed->content = SPOOL_ARCHIVE;
	assert_string_equal(read_all(bed),
		ONE "a/juliet.list line 1: k-1 1795976662250000 "
		"with romeo@b: <message>one</message>\n");
	spoolbed_write(bed, "c/muc_log/hall.list", ITEM("said"));
	bed->content = SPOOL_ROOMS;
	assert_string_equal(read_all(bed), "hall@c c/hall.list line 1: - 0 "
			    "<message>said</message>\n");
}

static void
names_what_is_no_file(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_write(bed, "a/offline/juliet.list", NULL);
	assert_string_equal(read_all(bed), ONE "a/juliet.list: juliet.list: "
			    "it is no file\n");
}

/* The next one begins a line. */
static const struct {
	const char *bad, *fault;
} broken[] = {
	{ "item({ ~ });\n", "byte 8 of the item: " },
	{ "item(nil);\n", "no stanza: an element's name\n" },
	{ "rubbish\n", "byte 1 of the item: " },
	{ "\xff\xfe\x01\n", "byte 1 of the item: " },
	{ "item({ [\"attr\"] = {} });\n", "no stanza: an element's name\n" },
	{ "item({ \"one\";\n", "byte 19 of the item: " },
};

static void
names_what_is_broken_and_goes_on(void **state)
{
	struct spoolbed *bed = *state;
	char text[400], wanted[100];

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s", ITEM("one"),
			 broken[i].bad, ITEM("three"));
		spoolbed_write(bed, "a/offline/juliet.list", text);
		read_all(bed);
		snprintf(wanted, sizeof(wanted),
			 "one</message>\n" ONE "a/juliet.list line 2: %s",
			 broken[i].fault);
		if (strstr(bed->said.data, wanted) == NULL ||
		    strstr(bed->said.data, "line 3: 3 0 <message>three") ==
		    NULL)
			fail_msg("%s in\n%s", wanted, bed->said.data);
	}
}

static void
names_what_has_no_end(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_write(bed, "a/offline/juliet.list",
		       ITEM("one") "item({ [\"name\"] = \"mess");
	spoolbed_write(bed, "b/offline/romeo.list", ITEM("two"));
	read_all(bed);
	assert_non_null(strstr(bed->said.data, ONE "a/juliet.list line 2: "
			       "an item without an end\n"));
	assert_non_null(strstr(bed->said.data, "<message>one"));
	assert_non_null(strstr(bed->said.data, "romeo@b b/romeo.list line 1: "
			       "1 0 <message>two"));
}

/* What is in memory of one has a limit. */
static void
passes_over_what_is_too_long(void **state)
{
	struct spoolbed *bed = *state;
	struct str text = { 0 };
	const char *at;

	str_addz(&text, "item({ \"");
	while (text.len <= SCROLL_RECORD_MAX)
		str_addz(&text, "twenty bytes and more, as long as it goes ");
	str_addz(&text, "\" });\n" ITEM("two"));
	spoolbed_write(bed, "a/offline/juliet.list", text.data);
	str_fini(&text);
	at = strchr(read_all(bed), '\n');
	assert_true(at - bed->said.data < 200);
	assert_string_equal(at + 1, ONE "a/juliet.list line 2: 2 0 "
			    "<message>two</message>\n");
}

static void
reads_page_by_page(void **state)
{
	struct spoolbed *bed = *state;
	struct str text = { 0 };
	uint64_t done = 0;
	bool more = true;

	for (int i = 0; i < 250; i++)
		str_addz(&text, ITEM("hi"));
	spoolbed_write(bed, "a/offline/juliet.list", text.data);
	spoolbed_write(bed, "b/offline/juliet.list", ITEM("hi"));
	assert_int_equal(spoolbed_open(bed, &prosody_spool, bed->folder), 0);
	while (more) {
		more = spoolbed_page(bed);
		assert_true(bed->page.done >= done);
		done = bed->page.done;
		assert_true(done <= bed->page.total || bed->page.total == 0);
	}
	assert_true(bed->pages >= 3);
	assert_true(done == text.len + sizeof(ITEM("hi")) - 1);
	assert_non_null(strstr(bed->said.data, "line 250: 250 0 "));
	str_fini(&text);
}

static void
says_when_there_is_nothing(void **state)
{
	struct spoolbed *bed = *state;

	assert_int_equal(spoolbed_open(bed, &prosody_spool,
				       spoolbed_path(bed, "nowhere")), -1);
	assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
	spoolbed_write(bed, "file", "");
	assert_int_equal(spoolbed_open(bed, &prosody_spool,
				       spoolbed_path(bed, "file")), -1);
	spoolbed_write(bed, "a/roster/juliet.list", ITEM("one"));
	read_all(bed);
	assert_non_null(strstr(bed->said.data,
			       ": no host has a folder named offline there\n"));
	assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
}

/* In the middle of a file. */
static void
can_be_closed_at_any_time(void **state)
{
	struct spoolbed *bed = *state;
	struct str text = { 0 };

	for (int i = 0; i < 150; i++)
		str_addz(&text, ITEM("hi"));
	spoolbed_write(bed, "a/offline/juliet.list", text.data);
	str_fini(&text);
	assert_int_equal(spoolbed_open(bed, &prosody_spool, bed->folder), 0);
	spoolbed_close(bed);
	assert_int_equal(spoolbed_open(bed, &prosody_spool, bed->folder), 0);
	assert_true(spoolbed_page(bed));
	spoolbed_close(bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOLBED_TEST(reads_a_users_items_in_their_order),
		SPOOLBED_TEST(knows_users_and_hosts_by_their_files),
		SPOOLBED_TEST(passes_over_what_is_no_users_file),
		SPOOLBED_TEST(reads_archives),
		SPOOLBED_TEST(names_what_is_no_file),
		SPOOLBED_TEST(names_what_is_broken_and_goes_on),
		SPOOLBED_TEST(names_what_has_no_end),
		SPOOLBED_TEST(passes_over_what_is_too_long),
		SPOOLBED_TEST(reads_page_by_page),
		SPOOLBED_TEST(says_when_there_is_nothing),
		SPOOLBED_TEST(can_be_closed_at_any_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spool_prosody", tests, NULL,
					   NULL);
}
