#include "components/archive/format/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/str.h"

#define NOON 1795953600000000	/* 2026-11-29T12:00:00Z */

static const struct archive_row plain = {
	.mark = { .serial = 300, .stamp = NOON, .uid = "u1",
		  .ways = ARCHIVE_SENT | ARCHIVE_RECEIVED },
	.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
	.resource = "orchard", .to_resource = "", .body = "one",
};

static bool
print(const char *name, const struct archive_row *row, const char *wanted)
{
	const struct format *format = format_find(name);
	struct arena *arena = arena_new();
	struct str out = { 0 };
	bool whole = format->print(&out, arena, &(struct format_item){
		row, "j@b\nr@a" });

	assert_string_equal(out.data, wanted);
	str_fini(&out);
	arena_free(&arena);
	return whole;
}

static void
assert_printed(const char *name, const struct archive_row *row,
	       const char *wanted)
{
	assert_true(print(name, row, wanted));
}

static const struct {
	const char *text, *wanted;
} cells[] = {
	{ "one", "\"one\"" },
	{ NULL, "\"\"" },
	{ "", "\"\"" },
	{ "say \"a,b\"", "\"say \"\"a,b\"\"\"" },
	{ "a\nb", "\"a\nb\"" },
	{ "=1+2", "\"'=1+2\"" },
	{ "+1", "\"'+1\"" },
	{ "-1", "\"'-1\"" },
	{ "@SUM(A1)", "\"'@SUM(A1)\"" },
	{ "\t=1", "\"'\t=1\"" },
	{ "\r=1", "\"'\r=1\"" },
	{ "\n=1", "\"'\n=1\"" },
	{ "a=1", "\"a=1\"" },
};

static void
writes_csv_without_formulas(void **state)
{
	struct archive_row row = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		struct str wanted = { 0 };

		row.body = cells[i].text;
		str_addf(&wanted, "\"300\",\"2026-11-29T12:00:00Z\","
			 "\"r@a/orchard\",\"j@b\",\"chat\",\"\",%s,\"no\","
			 "\"u1\",\"\",\"\",\"sent, received\",\"j@b r@a\"\r\n",
			 cells[i].wanted);
		assert_printed("csv", &row, wanted.data);
		str_fini(&wanted);
	}
}

static void
writes_json_lines_of_all(void **state)
{
	struct archive_row row = plain;

	(void)state;
	assert_printed("jsonl", &row,
		"{\"serial\":\"300\",\"sent\":\"2026-11-29T12:00:00Z\","
		"\"from\":\"r@a/orchard\",\"to\":\"j@b\",\"type\":\"chat\","
		"\"text\":\"one\","
		"\"copies\":[\"sent\",\"received\"],\"encrypted\":false,"
		"\"remote\":false,\"component\":false,\"id\":\"u1\","
		"\"stanza\":\"<message "
		"xmlns='jabber:client' from='r@a/orchard' to='j@b' "
		"type='chat'><body>one</body></message>\"}\n");
	row.subject = "su";
	row.thread = "th";
	row.body = NULL;
	row.mark.flags = ARCHIVE_ENCRYPTED | ARCHIVE_REMOTE;
	/* It cannot be made a stanza of; what is there is told as it is. */
	row.rest = "<x";
	assert_false(print("jsonl", &row,
		"{\"serial\":\"300\",\"sent\":\"2026-11-29T12:00:00Z\","
		"\"from\":\"r@a/orchard\",\"to\":\"j@b\",\"type\":\"chat\","
		"\"subject\":\"su\",\"thread\":\"th\","
		"\"copies\":[\"sent\",\"received\"],\"encrypted\":true,"
		"\"remote\":true,\"component\":false,\"id\":\"u1\","
		"\"damaged\":true,\"rest\":\"<x\"}\n"));
	row.type = ARCHIVE_GROUPCHAT;
	assert_false(print("jsonl", &row,
		"{\"serial\":\"300\",\"sent\":\"2026-11-29T12:00:00Z\","
		"\"from\":\"r@a/orchard\",\"to\":\"j@b\","
		"\"type\":\"groupchat\",\"subject\":\"su\","
		"\"thread\":\"th\",\"shown\":[\"j@b\",\"r@a\"],"
		"\"copies\":[\"sent\",\"received\"],"
		"\"encrypted\":true,\"remote\":true,"
		"\"component\":false,\"id\":\"u1\","
		"\"damaged\":true,\"rest\":\"<x\"}\n"));
}

static bool
is_whole(const char *name, const struct archive_row *row)
{
	struct arena *arena = arena_new();
	struct str out = { 0 };
	bool whole = format_find(name)->print(&out, arena,
					      &(struct format_item){ row, "" });

	str_fini(&out);
	arena_free(&arena);
	return whole;
}

/* The others say so; a table has nothing of what is damaged. */
static void
says_what_is_damaged(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.rest = "<x";
	assert_false(is_whole("eml", &row));
	assert_false(is_whole("mbox", &row));
	assert_true(is_whole("csv", &row));
	row.rest = "<x xmlns='y'/>";
	assert_true(is_whole("eml", &row));
	assert_true(is_whole("mbox", &row));
}

static void
writes_what_is_about_what(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.relation = ARCHIVE_REPLY;
	row.about = "a0";
	row.original = "u0";
	assert_printed("csv", &row, "\"300\",\"2026-11-29T12:00:00Z\","
		"\"r@a/orchard\",\"j@b\",\"chat\",\"\",\"one\",\"no\","
		"\"u1\",\"reply\",\"u0\",\"sent, received\","
		"\"j@b r@a\"\r\n");
	row.original = NULL;
	row.rest = "<x";
	row.links = "[[2,\"u2\",1,256000000,\"r@a\",\"y\",\"uno\"],"
		    "[6,\"u3\",1,256000000,\"j@b\",null,null]]";
	assert_false(print("jsonl", &row,
		"{\"serial\":\"300\",\"sent\":\"2026-11-29T12:00:00Z\","
		"\"from\":\"r@a/orchard\",\"to\":\"j@b\",\"type\":\"chat\","
		"\"text\":\"one\","
		"\"copies\":[\"sent\",\"received\"],\"encrypted\":false,"
		"\"remote\":false,\"component\":false,\"id\":\"u1\",\"about\":"
		"{\"relation\":\"reply\",\"named\":\"a0\"},\"linked\":["
		"{\"relation\":\"edit\",\"id\":\"u2\",\"from\":\"r@a/y\","
		"\"sent\":\"1970-01-01T00:04:16Z\",\"text\":\"uno\"},"
		"{\"relation\":\"receipt\",\"id\":\"u3\",\"from\":\"j@b\","
		"\"sent\":\"1970-01-01T00:04:16Z\"}],"
		"\"damaged\":true,\"rest\":\"<x\"}\n"));
}

/* Whoever has nothing but the table has them as well. */
static void
writes_all_bodies(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.rest = "<body xml:lang='x'>two</body>";
	assert_printed("csv", &row, "\"300\",\"2026-11-29T12:00:00Z\","
		"\"r@a/orchard\",\"j@b\",\"chat\",\"\",\"one\ntwo\","
		"\"no\",\"u1\",\"\",\"\",\"sent, received\","
		"\"j@b r@a\"\r\n");
	assert_printed("jsonl", &row,
		"{\"serial\":\"300\",\"sent\":\"2026-11-29T12:00:00Z\","
		"\"from\":\"r@a/orchard\",\"to\":\"j@b\",\"type\":\"chat\","
		"\"text\":\"one\\ntwo\","
		"\"copies\":[\"sent\",\"received\"],\"encrypted\":false,"
		"\"remote\":false,\"component\":false,\"id\":\"u1\","
		"\"stanza\":\"<message xmlns='jabber:client' "
		"from='r@a/orchard' to='j@b' type='chat'><body>one</body>"
		"<body xml:lang='x'>two</body></message>\"}\n");
}

static void
names_files(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(format_file(format_find("csv"), arena, &plain),
			    "messages.csv");
	assert_string_equal(format_file(format_find("mbox"), arena, &plain),
			    "messages.mbox");
	assert_string_equal(format_file(format_find("jsonl"), arena, &plain),
			    "messages.jsonl");
	assert_string_equal(format_file(format_find("eml"), arena, &plain),
			    "2026-11-29/300.eml");
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_csv_without_formulas),
		cmocka_unit_test(writes_json_lines_of_all),
		cmocka_unit_test(writes_what_is_about_what),
		cmocka_unit_test(says_what_is_damaged),
		cmocka_unit_test(writes_all_bodies),
		cmocka_unit_test(names_files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_format", tests, NULL,
					   NULL);
}
