#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/digest.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define NOON 1795953600000000	/* 2026-11-29T12:00:00Z */
#define DAY (86400LL * 1000000)
#define EXPORT(bed, ...) \
	CALLBED_COMMAND(bed, "export", "folder=/f", __VA_ARGS__)
#define NOTED(bed, where) \
	database_ask((bed)->db, "SELECT count(*) FROM audit_entry WHERE " \
		     where)
#define CSV_HEAD \
	"serial,sent,from,to,type,subject,text,encrypted,id," \
	"relation,about,copies,shown\r\n"

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

static struct archive_row
row(int64_t n, const char *uid, const char *body)
{
	int64_t stamp = NOON + n;

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ARCHIVE_SENT },
		.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
		.resource = "", .to_resource = "", .body = body,
	};
}

static const char *
hash_of(struct callbed *bed, const char *text)
{
	struct digest *digest = digest_new();
	char hash[DIGEST_TEXT_SIZE];

	digest_add(digest, text, strlen(text));
	return arena_strdup(bed->arena, digest_end(&digest, hash));
}

/* Two days, a file each. */
static void
has_a_file_for_each_mail_and_the_sums_of_all(void **state)
{
	const struct archive_row rows[] = {
		row(0, "u1", "one"), row(DAY, "u2", "two"),
	};
	struct callbed *bed = *state;
	const char *text, *first, *second, *sums;

	archivebed_write(bed->db, rows, 2);
	text = EXPORT(bed, "format=eml");
	first = arena_printf(bed->arena, "2026-11-29/%lld.eml",
			     (long long)rows[0].mark.serial);
	second = arena_printf(bed->arena, "2026-11-30/%lld.eml",
			      (long long)rows[1].mark.serial);
	assert_ptr_equal(strstr(text, first), text);
	assert_non_null(strstr(text, arena_printf(bed->arena, "\n%s|Date: ",
						  second)));
	sums = strstr(text, "\nSHA256SUMS|");
	assert_non_null(sums);
	assert_non_null(strstr(sums, arena_printf(bed->arena, "  %s\n",
						  first)));
	assert_non_null(strstr(text, "\nMessages: 2, files: 2.  The SHA-256 "
			       "of SHA256SUMS is "));
}

static void
write_events(struct callbed *bed)
{
	struct archive_row rows[] = {
		archivebed_event(0, "e1", ARCHIVE_EVENT_JOIN, "ann@a",
				 "r@m/7"),
		archivebed_event(1, "e2", ARCHIVE_EVENT_KICK, "ann@a",
				 "r@m/7"),
		row(0, "u1", "one"),
	};

	rows[1].id = "bob@a";
	archivebed_write(bed->db, rows, 3);
}

static void
has_events_where_they_are_wanted(void **state)
{
	struct callbed *bed = *state;
	const char *text;

	write_events(bed);
	assert_null(strstr(EXPORT(bed, NULL), "events"));
	text = EXPORT(bed, "events=true");
	assert_non_null(strstr(text, "messages.jsonl|{\"serial\""));
	assert_non_null(strstr(text, "\nevents.jsonl|{\"serial\":"
		"\"459770025472000001\",\"time\":\"2026-11-29T18:24:22Z\","
		"\"kind\":\"join\",\"who\":\"ann@a/1\",\"where\":\"r@m\","
		"\"detail\":{\"a\":1},\"id\":\"e1\"}\n{\"serial\":"));
	assert_non_null(strstr(text, "\nEvents: 2.\nMessages: 1, files: 2."));
	assert_int_equal(NOTED(bed, "action = 'exported' AND detail LIKE "
			       "'%\"events\":2%'"), 1);
	text = EXPORT(bed, "events=true", "participant=bob@a");
	assert_non_null(strstr(text, "\nEvents: 1.\nMessages: 0, files: 1."));
}

static void
has_a_table_of_events(void **state)
{
	struct callbed *bed = *state;

	write_events(bed);
	assert_non_null(strstr(EXPORT(bed, "events=true", "format=csv"),
		"\nevents.csv|serial,time,kind,who,where,about,detail,id\r\n"
		"\"459770025472000001\",\"2026-11-29T18:24:22Z\",\"join\","
		"\"ann@a/1\",\"r@m\",\"\",\"{\"\"a\"\":1}\",\"e1\"\r\n"));
}

static void
refuses_events_that_make_no_sense(void **state)
{
	static const char error[] = "error: events: ";
	struct callbed *bed = *state;

	assert_non_null(strstr(EXPORT(bed, "events=true", "format=eml"),
			       error));
	assert_non_null(strstr(EXPORT(bed, "events=true", "text=x"), error));
	assert_non_null(strstr(EXPORT(bed, "events=true", "participant=r@a",
				      "with=j@b"), error));
	assert_non_null(strstr(EXPORT(bed, "events=true", "shown=r@a"),
			       error));
}

static void
sums_what_is_in_a_file(void **state)
{
	const struct archive_row one = row(0, "u1", "one");
	struct callbed *bed = *state;
	const char *file, *sums;

	archivebed_write(bed->db, &one, 1);
	file = arena_printf(bed->arena, CSV_HEAD "\"%lld\","
			    "\"2026-11-29T12:00:00Z\",\"r@a\",\"j@b\","
			    "\"chat\",\"\",\"one\",\"no\",\"u1\",\"\",\"\","
			    "\"sent\",\"\"\r\n", (long long)one.mark.serial);
	sums = arena_printf(bed->arena, "%s  messages.csv\n",
			    hash_of(bed, file));
	assert_string_equal(EXPORT(bed, "format=csv"), arena_printf(
		bed->arena, "messages.csv|%s\nSHA256SUMS|%s\nSHA256SUMS|\n"
		"Messages: 1, files: 1.  The SHA-256 of SHA256SUMS is %s.\n",
		file, sums, hash_of(bed, sums)));
	assert_int_equal(database_ask(bed->db, arena_printf(
		bed->arena, "SELECT count(*) FROM audit_entry WHERE "
		"action = 'exported' AND detail = '{\"folder\":\"/f\","
		"\"format\":\"csv\",\"messages\":1,\"files\":1,"
		"\"sums\":\"%s\"}'", hash_of(bed, sums))), 1);
}

/* As many parts of several windows, and many rows of one file. */
static void
exports_all_in_order(void **state)
{
	struct callbed *bed = *state;
	char body[1000], uids[1200][8];
	struct archive_row *rows = calloc(1200, sizeof(*rows));
	const char *text, *at;

	assert_non_null(rows);
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	for (size_t i = 0; i < 1200; i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%zu", i);
		rows[i] = row((int64_t)i * 100, uids[i], body);
	}
	archivebed_write(bed->db, rows, 1200);
	free(rows);
	text = at = EXPORT(bed, "format=jsonl");
	for (size_t i = 0; i < 1200; i++) {
		at = strstr(at, arena_printf(bed->arena, "\"id\":\"u%zu\"",
					     i));
		assert_non_null(at);
	}
	assert_non_null(strstr(text, "Messages: 1200, files: 1."));
}

static void
exports_what_the_fields_say(void **state)
{
	const struct archive_row rows[] = {
		row(0, "u1", "a rose"), row(1, "u2", "a name"),
		row(DAY, "u3", "a rose"),
	};
	struct callbed *bed = *state;
	const char *text;

	archivebed_write(bed->db, rows, 3);
	text = EXPORT(bed, "format=mbox", "text=rose", "until=2026-11-30");
	assert_non_null(strstr(text, "Message-ID: <u1@"));
	assert_null(strstr(text, "<u2@"));
	assert_null(strstr(text, "<u3@"));
	assert_int_equal(NOTED(bed, "action = 'export' AND detail = "
			       "'{\"folder\":\"/f\",\"format\":\"mbox\","
			       "\"until\":\"2026-11-30\","
			       "\"text\":\"rose\"}'"), 1);
	text = EXPORT(bed, "format=csv", "participant=x@y");
	assert_string_equal(text, arena_printf(
		bed->arena, "SHA256SUMS|\nMessages: 0, files: 0.  The SHA-256 "
		"of SHA256SUMS is %s.\n", hash_of(bed, "")));
}

static void
counts_what_is_damaged(void **state)
{
	const struct archive_row rows[] = {
		row(0, "u1", "one"), row(1, "u2", "two"),
	};
	struct callbed *bed = *state;
	const char *text;

	archivebed_write(bed->db, rows, 2);
	database_do(bed->db, "UPDATE archive_message SET rest = '<x' "
		    "WHERE uid = 'u2'");
	text = EXPORT(bed, "format=eml");
	assert_non_null(strstr(text, "\nOf 1 messages what is stored of the "
			       "stanza is no XML any more: they are marked "
			       "as damaged.\nMessages: 2, files: 2."));
	assert_int_equal(NOTED(bed, "action = 'exported' AND detail LIKE "
			       "'%\"damaged\":1}'"), 1);
	assert_null(strstr(EXPORT(bed, "format=csv"), "damaged"));
}

static void
exports_nothing_that_cannot_be_noted(void **state)
{
	const struct archive_row one = row(0, "u1", "one");
	struct callbed *bed = *state;
	const char *text;

	archivebed_write(bed->db, &one, 1);
	database_do(bed->db, "DROP TABLE audit_entry");
	text = EXPORT(bed, "format=csv");
	assert_ptr_equal(strstr(text, "error: "), text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(has_a_file_for_each_mail_and_the_sums_of_all),
		TEST(has_events_where_they_are_wanted),
		TEST(has_a_table_of_events),
		TEST(refuses_events_that_make_no_sense),
		TEST(sums_what_is_in_a_file),
		TEST(exports_all_in_order),
		TEST(exports_what_the_fields_say),
		TEST(counts_what_is_damaged),
		TEST(exports_nothing_that_cannot_be_noted),
	};

	return archivebed_run("archive_export", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
