#include "shared/archive_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/serial.h"
#include "t/lib/archivebed.h"

struct answer {
	bool done;
	struct archive_writer writer;
	struct error err;
};

static int
new_database(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static void
on_found(void *ctx, const struct archive_writer *writer,
	 const struct error *err)
{
	struct answer *answer = ctx;

	assert_false(answer->done);
	answer->done = true;
	assert_true((writer == NULL) == (err != NULL));
	if (err != NULL)
		answer->err = *err;
	else
		answer->writer = *writer;
}

static struct answer
find(struct database *db, const char *name)
{
	struct answer answer = { 0 };

	archive_writer_find(db->store, name, on_found, &answer);
	assert_false(answer.done);
	database_wait(db, &answer.done);
	return answer;
}

static void
gives_each_a_number_of_its_own(void **state)
{
	static const char *const names[] = { "a", "b", "a", "c", "b", "c" };
	static const unsigned numbers[] = { 1, 2, 1, 3, 2, 3 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct answer answer = find(*state, names[i]);

		assert_int_equal(answer.err.cond, ERROR_NONE);
		assert_int_equal(answer.writer.number, numbers[i]);
	}
}

static void
gives_no_number_twice(void **state)
{
	struct answer answer;

	database_do(*state, "INSERT INTO archive_writer (number, name) "
		    "VALUES (254, 'z')");
	answer = find(*state, "a");
	assert_int_equal(answer.err.cond, ERROR_NONE);
	assert_int_equal(answer.writer.number, SERIAL_WRITERS - 1);
	answer = find(*state, "b");
	assert_int_equal(answer.err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(answer.err.type, ERROR_TYPE_CANCEL);
	assert_int_equal(database_ask(*state, "SELECT count(*) "
				      "FROM archive_writer"), 2);
	answer = find(*state, "z");
	assert_int_equal(answer.err.cond, ERROR_NONE);
	assert_int_equal(answer.writer.number, 254);
}

static void
says_what_it_has_stored(void **state)
{
	assert_int_equal(find(*state, "a").writer.last, 0);
	assert_int_equal(find(*state, "b").writer.last, 0);
	database_do(*state, "UPDATE archive_writer SET last = 515 "
		    "WHERE name = 'a'");
	assert_int_equal(find(*state, "a").writer.last, 515);
	assert_int_equal(find(*state, "b").writer.last, 0);
}

static void
says_what_the_database_says(void **state)
{
	struct answer answer;

	database_do(*state, "DROP TABLE archive_writer");
	answer = find(*state, "a");
	assert_int_equal(answer.err.cond, ERROR_INTERNAL_SERVER_ERROR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_database, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(gives_each_a_number_of_its_own),
		TEST(gives_no_number_twice),
		TEST(says_what_it_has_stored),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_writer", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
