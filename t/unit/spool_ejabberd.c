#include "shared/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/scroll.h"
#include "t/lib/spoolbed.h"

/* As ejabberdctl dump writes it: in several lines. */
#define RECORD(micro, text) \
	"{offline_msg,{<<\"j\">>,<<\"a\">>},\n" \
	"             {1795,976662," micro "},\n" \
	"             never,\n" \
	"             {jid,<<\"r\">>,<<\"b\">>,<<>>,<<\"r\">>,<<\"b\">>," \
	"<<>>},\n" \
	"             {jid,<<\"j\">>,<<\"a\">>,<<>>,<<\"j\">>,<<\"a\">>," \
	"<<>>},\n" \
	"             {xmlel,<<\"message\">>,[],[{xmlcdata,<<\"" text \
	"\">>}]}}.\n"
#define LINES 6
#define MANY 150

static const char *
read_text(struct spoolbed *bed, const char *text)
{
	spoolbed_write(bed, "dump", text);
	assert_int_equal(spoolbed_open(bed, &ejabberd_spool,
				       spoolbed_path(bed, "dump")), 0);
	return spoolbed_read(bed);
}

static void
reads_records_by_their_time(void **state)
{
	struct spoolbed *bed = *state;

	assert_string_equal(
		read_text(bed, RECORD("5", "third") RECORD("3", "first")
			  RECORD("5", "fourth") RECORD("4", "second")),
		"j@a line 7: - 1795976662000003 <message>first</message>\n"
		"j@a line 19: - 1795976662000004 <message>second</message>\n"
		"j@a line 1: - 1795976662000005 <message>third</message>\n"
		"j@a line 13: - 1795976662000005 <message>fourth</message>\n");
	assert_true(bed->page.total > 0);
	assert_true(bed->page.done == bed->page.total);
}

static void
passes_over_other_tables(void **state)
{
	struct spoolbed *bed = *state;

	assert_string_equal(
		read_text(bed, "{tables,[{offline_msg,[{record_name,"
			  "offline_msg}]},\n         {roster,[]}]}.\n"
			  "{roster,{<<\"j\">>,<<\"a\">>},\n"
			  "        <<\"{offline_msg,\">>}.\n"
			  RECORD("1", "one")
			  "{offline_msgs,1}.\n"
			  "\xff\xfe\x01 rubbish\n"
			  RECORD("2", "two")
			  "{passwd,{<<\"j\">>,<<\"a\">>},<<\"secret\">>}.\n"),
		"j@a line 5: - 1795976662000001 <message>one</message>\n"
		"j@a line 13: - 1795976662000002 <message>two</message>\n");
	assert_string_equal(read_text(bed, ""), "");
	assert_string_equal(read_text(bed, "\n\n"), "");
	assert_string_equal(read_text(bed, "{offline_msg"), "");
}

/* As mod_mam's table has it. */
#define ARCHIVED(id, micro, type) \
	"{archive_msg,{<<\"j\">>,<<\"a\">>},<<\"" id "\">>,\n" \
	"             {1795,976662," micro "},\n" \
	"             {<<\"r\">>,<<\"b\">>,<<\"x\">>},\n" \
	"             {<<\"r\">>,<<\"b\">>,<<>>},\n" \
	"             {xmlel,<<\"message\">>,[],[{xmlcdata,<<\"" id \
	"\">>}]},\n             <<>>," type ",<<>>}.\n"

static void
reads_archives_of_users_or_rooms(void **state)
{
	struct spoolbed *bed = *state;

	bed->content = SPOOL_ARCHIVE;
	assert_string_equal(
		read_text(bed, RECORD("1", "offline")
			  ARCHIVED("i7", "7", "chat")
			  ARCHIVED("i2", "2", "groupchat")
			  ARCHIVED("i3", "3", "chat")),
		"j@a line 19: i3 1795976662000003 with r@b: "
		"<message>i3</message>\n"
		"j@a line 7: i7 1795976662000007 with r@b: "
		"<message>i7</message>\n");
	bed->content = SPOOL_ROOMS;
	assert_string_equal(
		read_text(bed, ARCHIVED("i2", "2", "groupchat")
			  ARCHIVED("i3", "3", "chat")),
		"j@a line 1: i2 1795976662000002 with r@b: as : "
		"<message>i2</message>\n");
}

static const struct {
	const char *bad, *fault;
} broken[] = {
	{ "{offline_msg,~}.\n", "byte 14 of the " },
	{ "{offline_msg,\n", "byte " },
	{ "{offline_msg,1,2,3,4,5}.\n", "no message: another record\n" },
	{ "{offline_msg,{<<\"j\">>,<<\"a\">>},soon,never,1,2,3}.\n",
	  "no message: " },
};

/* These come first, as they are seen first. */
static void
names_what_is_broken_and_goes_on(void **state)
{
	struct spoolbed *bed = *state;
	char text[2000];

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char wanted[100];

		snprintf(text, sizeof(text), "%s%s%s", RECORD("1", "one"),
			 broken[i].bad, RECORD("2", "two"));
		snprintf(wanted, sizeof(wanted), " line %d: %s", LINES + 1,
			 broken[i].fault);
		read_text(bed, text);
		if (strstr(bed->said.data, wanted) == NULL ||
		    strstr(bed->said.data, "\nj@a line 1: - "
			   "1795976662000001 <message>one</message>\n") ==
		    NULL ||
		    strstr(bed->said.data, "<message>two</message>\n") ==
		    NULL)
			fail_msg("%s in\n%s", wanted, bed->said.data);
	}
}

static void
names_what_has_no_end(void **state)
{
	struct spoolbed *bed = *state;

	assert_string_equal(
		read_text(bed, RECORD("1", "one") "{offline_msg,{<<\"j\">>,"),
		"-@- line 7: a record without an end\n"
		"j@a line 1: - 1795976662000001 <message>one</message>\n");
}

static void
passes_over_what_is_too_long(void **state)
{
	struct spoolbed *bed = *state;
	struct str text = { 0 };

	str_addz(&text, "{offline_msg,<<\"");
	while (text.len <= SCROLL_RECORD_MAX)
		str_addz(&text, "twenty bytes and more, as long as it goes ");
	str_addz(&text, "\">>}.\n" RECORD("2", "two"));
	read_text(bed, text.data);
	str_fini(&text);
	assert_ptr_equal(strstr(bed->said.data, "-@- line 1: "),
			 bed->said.data);
	assert_true(strchr(bed->said.data, '\n') - bed->said.data < 200);
	assert_non_null(strstr(bed->said.data, "\nj@a line 2: - "
			       "1795976662000002 <message>two</message>\n"));
}

static void
write_many(struct spoolbed *bed)
{
	struct str text = { 0 };

	for (int i = 0; i < MANY; i++)
		str_addz(&text, RECORD("1", "hi"));
	spoolbed_write(bed, "dump", text.data);
	str_fini(&text);
	assert_int_equal(spoolbed_open(bed, &ejabberd_spool,
				       spoolbed_path(bed, "dump")), 0);
}

static unsigned
count_lines(const char *text)
{
	unsigned n = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		n++;
	}
	return n;
}

static void
reads_page_by_page(void **state)
{
	struct spoolbed *bed = *state;
	uint64_t done = 0;
	bool more = true;

	write_many(bed);
	while (more) {
		more = spoolbed_page(bed);
		assert_true(bed->page.done >= done);
		done = bed->page.done;
		assert_true(done <= bed->page.total);
	}
	assert_true(bed->pages >= 2);
	assert_true(done == bed->page.total);
	assert_int_equal(count_lines(bed->said.data), MANY);
}

static void
names_what_is_no_more_when_the_file_has_changed(void **state)
{
	struct spoolbed *bed = *state;

	write_many(bed);
	while (bed->page.count == 0)
		assert_true(spoolbed_page(bed));
	assert_non_null(strstr(bed->said.data, "<message>hi</message>"));
	assert_int_equal(truncate(spoolbed_path(bed, "dump"), 0), 0);
	spoolbed_read(bed);
	/* The last one. */
	assert_non_null(strstr(bed->said.data, "line 895: "
			       "a record without an end\n"));
	assert_null(strstr(bed->said.data, "error: "));
}

static void
says_when_there_is_no_file(void **state)
{
	struct spoolbed *bed = *state;

	assert_int_equal(spoolbed_open(bed, &ejabberd_spool,
				       spoolbed_path(bed, "nowhere")), -1);
	assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
	assert_int_equal(spoolbed_open(bed, &ejabberd_spool, bed->folder), -1);
	assert_int_equal(bed->err.cond, ERROR_NOT_ACCEPTABLE);
}

static void
can_be_closed_at_any_time(void **state)
{
	struct spoolbed *bed = *state;

	write_many(bed);
	spoolbed_close(bed);
	write_many(bed);
	assert_true(spoolbed_page(bed));
	spoolbed_close(bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOLBED_TEST(reads_records_by_their_time),
		SPOOLBED_TEST(passes_over_other_tables),
		SPOOLBED_TEST(reads_archives_of_users_or_rooms),
		SPOOLBED_TEST(names_what_is_broken_and_goes_on),
		SPOOLBED_TEST(names_what_has_no_end),
		SPOOLBED_TEST(passes_over_what_is_too_long),
		SPOOLBED_TEST(reads_page_by_page),
		SPOOLBED_TEST(names_what_is_no_more_when_the_file_has_changed),
		SPOOLBED_TEST(says_when_there_is_no_file),
		SPOOLBED_TEST(can_be_closed_at_any_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spool_ejabberd", tests, NULL,
					   NULL);
}
