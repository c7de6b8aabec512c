#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/mam_query.h"
#include "t/lib/archivebed.h"
#include "t/lib/pagebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)

/* Many, all alike, but those whose number is so divided. */
static void
write_many(struct database *db, int64_t number, int64_t divisor,
	   const char *body)
{
	static const char sql[] =
		"INSERT INTO archive_message (serial, sender, recipient, "
		"ways, flags, type, uid, body) "
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT)) "
		"SELECT (SELECT serial FROM archive_message "
		"WHERE uid = 'u1') + 256 * i, a.id, a.id, 1, 0, 1, "
		"CAST(i AS TEXT), CASE WHEN i % CAST($2 AS BIGINT) = 0 "
		"THEN 'a Rose' ELSE CAST($3 AS TEXT) END "
		"FROM n, archive_address a WHERE a.jid = 'r@a'";
	const struct archive_row one = archivebed_row(0, "u1", "r@a", "j@b",
						      ALL_WAYS);
	struct database_answer answer = { 0 };

	archivebed_write(db, &one, 1);
	store_write(db->store, sql,
		    STORE_VALUES(store_int(number), store_int(divisor),
				 store_text(body)), database_take, &answer);
	database_wait(db, &answer.done);
	assert_string_equal(answer.err.text, "");
	database_answer_fini(&answer);
}

static void
searches_far(void **state)
{
	struct mam_query query = pagebed_everything(3);
	struct pagebed *bed = *state;

	write_many(bed->db, 4000, 997, "a name");
	query.filter.text = "rose A";
	pagebed_expect(bed, "r@a", &query, "997 1994 2991 ");
	assert_false(bed->complete);
	query.rsm.max = 4;
	pagebed_expect(bed, "r@a", &query, "997 1994 2991 3988 ");
	assert_true(bed->complete);
	assert_int_equal(bed->total, 4);
	query.rsm.mode = RSM_LAST;
	query.rsm.max = 2;
	pagebed_expect(bed, "r@a", &query, "2991 3988 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_BEFORE;
	query.rsm.item = "2991";
	pagebed_expect(bed, "r@a", &query, "997 1994 ");
	assert_true(bed->complete);
	assert_int_equal(pagebed_count(bed, "r@a", query), 4);
}

static void
searches_and_counts_not_too_far(void **state)
{
	struct mam_query query = pagebed_everything(2);
	struct pagebed *bed = *state;

	write_many(bed->db, ARCHIVE_PAGE_SEARCHED, 100, "a name");
	assert_int_equal(pagebed_count(bed, "r@a", query), -1);
	query.filter.text = "Rose";
	pagebed_expect(bed, "r@a", &query, "100 200 ");
	query.filter.text = "Tulip";
	pagebed_refuse(bed, "r@a", &query, ERROR_POLICY_VIOLATION);
	query.filter.before_id = "2000";
	pagebed_expect(bed, "r@a", &query, "");
	assert_true(bed->complete);
	/* What is found before that is told, and it goes on there. */
	query.filter.before_id = NULL;
	query.filter.text = "Wherefore";
	pagebed_expect(bed, "r@a", &query, "u1 ");
	assert_false(bed->complete);
	query.filter.before_id = "10000";
	query.filter.text = NULL;
	assert_int_equal(pagebed_count(bed, "r@a", query),
			 ARCHIVE_PAGE_COUNTED);
	query.filter.before_id = "10001";
	assert_int_equal(pagebed_count(bed, "r@a", query), -1);
}

/* However few they are. */
static void
searches_not_too_much(void **state)
{
	static char large[(1 << 20) + 1];
	struct mam_query query = pagebed_everything(10);
	struct pagebed *bed = *state;

	memset(large, 'x', sizeof(large) - 1);
	write_many(bed->db, 36, 32, large);
	query.filter.text = "Rose";
	pagebed_expect(bed, "r@a", &query, "32 ");
	assert_false(bed->complete);
	assert_int_equal(pagebed_count(bed, "r@a", query), -1);
	query.rsm.mode = RSM_LAST;
	pagebed_expect(bed, "r@a", &query, "32 ");
	assert_false(bed->complete);
	query.filter.after_id = "4";
	pagebed_expect(bed, "r@a", &query, "32 ");
	assert_true(bed->complete);
	query.filter.after_id = NULL;
	query.filter.text = "Tulip";
	pagebed_refuse(bed, "r@a", &query, ERROR_POLICY_VIOLATION);
}

static void
searches_for_no_pattern(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ALL_WAYS),
		archivebed_row(1, "u2", "r@a", "j@b", ALL_WAYS),
		archivebed_row(2, "u3", "r@a", "j@b", ALL_WAYS),
		archivebed_row(3, "u4", "r@a", "j@b", ALL_WAYS),
	};
	struct mam_query query = pagebed_everything(50);

	/* Its text is not shown. */
	rows[3].mark.flags = ARCHIVE_ERASED;
	rows[3].body = "100";
	rows[0].body = "100 % \\ _";
	rows[1].body = "100";
	rows[2].body = NULL;
	rows[2].subject = "100 % \\ _";
	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	query.filter.text = "100";
	pagebed_expect(*state, "r@a", &query, "u1 u2 ");
	query.filter.text = "%";
	pagebed_expect(*state, "r@a", &query, "u1 ");
	query.filter.text = "_";
	pagebed_expect(*state, "r@a", &query, "u1 ");
	query.filter.text = "1_0";
	pagebed_expect(*state, "r@a", &query, "");
	query.filter.text = "\\";
	pagebed_expect(*state, "r@a", &query, "u1 ");
	query.filter.text = " ";
	pagebed_expect(*state, "r@a", &query, "u1 u2 u3 u4 ");
	query.filter.text = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17";
	pagebed_refuse(*state, "r@a", &query, ERROR_POLICY_VIOLATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pagebed_setup, \
						   pagebed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(searches_far),
		TEST(searches_and_counts_not_too_far),
		TEST(searches_not_too_much),
		TEST(searches_for_no_pattern),
	};

	return archivebed_run("archive_page_words", tests, ARRAY_LEN(tests));
}
