#include "shared/store-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Of one statement, as SQLite has it. */
#define VALUES 32766

/* How often the owner of a result was released. */
static unsigned released;

static void
on_release(void *owner)
{
	assert_string_equal(owner, "owner");
	released++;
}

static struct store_result *
new_result(const char *const *cells, size_t rows, size_t columns)
{
	struct store_result *result = calloc(1, sizeof(*result));

	assert_non_null(result);
	result->rows = rows;
	result->columns = columns;
	result->cells = calloc(rows * columns + 1, sizeof(*result->cells));
	assert_non_null(result->cells);
	for (size_t i = 0; i < rows * columns; i++)
		result->cells[i] = cells[i];
	result->owner = (char *)"owner";
	result->release = on_release;
	return result;
}

static int
forget_releases(void **state)
{
	(void)state;
	released = 0;
	return 0;
}

static void
statements_keep_their_order_and_copies(void **state)
{
	static const char insert[] = "INSERT INTO a VALUES ($1, $2, $3, $4)";
	static const char delete[] = "DELETE FROM a";
	struct store_request *req = store_request_new(STORE_WRITE);
	char one[] = "one", empty[] = "";
	const struct store_statement *stmt;
	size_t bytes = req->bytes;

	(void)state;
	assert_int_equal(req->kind, STORE_WRITE);
	assert_int_equal(req->outcome, STORE_UNDONE);
	assert_null(req->first);
	assert_true(bytes >= sizeof(*req));

	store_request_add(req, insert,
			  STORE_VALUES(store_text(one), store_int(INT64_MIN),
				       store_text(NULL), store_text(empty)));
	store_request_add(req, delete, NULL, 0);
	one[0] = empty[0] = '!';

	stmt = req->first;
	assert_ptr_equal(stmt->sql, insert);
	assert_int_equal(stmt->count, 4);
	assert_int_equal(stmt->values[0].type, STORE_TEXT);
	assert_string_equal(stmt->values[0].text, "one");
	assert_int_equal(stmt->values[1].type, STORE_INT);
	assert_true(stmt->values[1].number == INT64_MIN);
	assert_int_equal(stmt->values[2].type, STORE_NULL);
	assert_int_equal(stmt->values[3].type, STORE_TEXT);
	assert_string_equal(stmt->values[3].text, "");
	stmt = stmt->next;
	assert_ptr_equal(stmt->sql, delete);
	assert_int_equal(stmt->count, 0);
	assert_null(stmt->next);
	assert_ptr_equal(req->last, stmt);
	store_request_free(&req);
	assert_null(req);
	store_request_free(&req);
}

static const char quotes[] = "'); DROP TABLE a; --";
static const char wide[] = "\xf0\x9f\x98\x80\xff";

static const struct {
	struct store_value values[3];
	size_t count;
	size_t bytes;		/* of texts, with their ends */
} sizes[] = {
	{ { { 0 } }, 0, 0 },
	{ { { STORE_NULL, 0, NULL } }, 1, 0 },
	{ { { STORE_INT, 7, NULL } }, 1, 0 },
	{ { { STORE_TEXT, 0, "" } }, 1, 1 },
	{ { { STORE_TEXT, 0, "abc" } }, 1, 4 },
	{ { { STORE_TEXT, 0, quotes }, { STORE_TEXT, 0, wide } }, 2, 27 },
	{ { { STORE_TEXT, 0, "a" }, { STORE_NULL, 0, NULL },
	    { STORE_TEXT, 0, "b" } }, 3, 4 },
};

/* The queue's limit rests on it. */
static void
knows_what_it_occupies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct store_request *req = store_request_new(STORE_READ);
		size_t before = req->bytes;

		store_request_add(req, "SELECT 1", sizes[i].values,
				  sizes[i].count);
		assert_int_equal(req->bytes - before,
				 sizeof(struct store_statement) +
				 sizes[i].count * sizeof(struct store_value) +
				 sizes[i].bytes);
		for (size_t n = 0; n < sizes[i].count; n++) {
			if (sizes[i].values[n].type != STORE_TEXT)
				continue;
			assert_string_equal(req->first->values[n].text,
					    sizes[i].values[n].text);
			assert_ptr_not_equal(req->first->values[n].text,
					     sizes[i].values[n].text);
		}
		store_request_free(&req);
	}
}

static void
takes_as_many_values_as_there_may_be(void **state)
{
	struct store_value *values = calloc(VALUES, sizeof(*values));
	struct store_request *req = store_request_new(STORE_WRITE);

	(void)state;
	assert_non_null(values);
	for (int i = 0; i < VALUES; i++)
		values[i] = i % 2 ? store_text("x") : store_int(i);
	store_request_add(req, "INSERT", values, VALUES);
	free(values);
	assert_int_equal(req->first->values[VALUES - 2].number, VALUES - 2);
	assert_string_equal(req->first->values[VALUES - 1].text, "x");
	store_request_free(&req);
}

static void
keeps_the_first_reason(void **state)
{
	static const char first[] = "INSERT", second[] = "DELETE";
	struct store_request *req = store_request_new(STORE_WRITE);
	char why[] = "no such table";

	(void)state;
	req->outcome = STORE_DONE;
	req->result = new_result(NULL, 0, 1);
	store_request_refuse(req, first, why);
	why[0] = '!';
	assert_null(req->result);
	assert_int_equal(released, 1);
	assert_int_equal(req->outcome, STORE_REFUSED);
	store_request_refuse(req, second, "transaction is aborted");
	assert_string_equal(req->refusal, "no such table");
	assert_ptr_equal(req->refused_sql, first);

	/* Done again, it may fail otherwise. */
	store_request_reset(req);
	assert_int_equal(req->outcome, STORE_UNDONE);
	assert_null(req->refusal);
	store_request_refuse(req, NULL, "");
	assert_string_equal(req->refusal, "");
	assert_null(req->refused_sql);
	store_request_free(&req);
}

static void
forgets_what_was_tried_but_not_what_to_do(void **state)
{
	static const char *const cells[] = { "1" };
	struct store_request *req = store_request_new(STORE_READ);

	(void)state;
	store_request_add(req, "SELECT 1", NULL, 0);
	for (unsigned i = 1; i <= 3; i++) {
		req->outcome = STORE_DONE;
		req->result = new_result(cells, 1, 1);
		store_request_reset(req);
		assert_int_equal(released, i);
		assert_null(req->result);
		assert_int_equal(req->outcome, STORE_UNDONE);
		assert_string_equal(req->first->sql, "SELECT 1");
	}
	req->result = new_result(cells, 1, 1);
	req->script = strdup("SELECT 1;");
	store_request_free(&req);
	assert_int_equal(released, 4);
}

static const struct {
	const char *text;
	int64_t number;
} numbers[] = {
	{ NULL, 0 },
	{ "", 0 },
	{ "0", 0 },
	{ "-1", -1 },
	{ "007", 7 },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775808", INT64_MIN },
	{ "9223372036854775808", INT64_MAX },
	{ "12abc", 12 },
	{ "abc", 0 },
};

static void
cells_are_text_and_numbers(void **state)
{
	const char *cells[2 * ARRAY_LEN(numbers)];
	struct store_result *result;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		cells[2 * i] = "left";
		cells[2 * i + 1] = numbers[i].text;
	}
	result = new_result(cells, ARRAY_LEN(numbers), 2);
	assert_int_equal(store_rows(result), 10);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_string_equal(store_get_text(result, i, 0), "left");
		assert_ptr_equal(store_get_text(result, i, 1),
				 numbers[i].text);
		assert_true(store_get_int(result, i, 1) == numbers[i].number);
	}
	store_result_free(&result);
	assert_null(result);
	assert_int_equal(released, 1);
	store_result_free(&result);

	/* The answer of what has no rows; nothing to be released. */
	result = new_result(NULL, 0, 2);
	result->release = NULL;
	assert_int_equal(store_rows(result), 0);
	store_result_free(&result);
	assert_int_equal(released, 1);
}

struct told {
	unsigned calls;
	struct error err;	/* cond ERROR_NONE: none */
	size_t rows;
};

static void
on_told(void *ctx, const struct store_result *result, const struct error *err)
{
	struct told *told = ctx;

	told->calls++;
	assert_int_equal(result == NULL, err != NULL);
	if (err != NULL)
		told->err = *err;
	else
		told->rows = store_rows(result);
}

/* Only who waits for a script is told why it was refused. */
static const struct {
	enum store_kind kind;
	enum store_outcome outcome;
	bool answered;		/* there is a result, of one row */
	enum error_cond cond;
	const char *text;
	size_t rows;
} ends[] = {
	{ STORE_READ, STORE_DONE, true, ERROR_NONE, "", 1 },
	{ STORE_WRITE, STORE_DONE, false, ERROR_NONE, "", 0 },
	{ STORE_WRITE, STORE_UNDONE, false, ERROR_RESOURCE_CONSTRAINT,
	  "the database is away; try again later", 0 },
	{ STORE_WRITE, STORE_REFUSED, false, ERROR_INTERNAL_SERVER_ERROR,
	  "the database refused the request", 0 },
	{ STORE_SCRIPT, STORE_REFUSED, false, ERROR_INTERNAL_SERVER_ERROR,
	  "it is wrong", 0 },
};

static void
tells_once_what_became_of_it(void **state)
{
	static const char *const cells[] = { "1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct store_request *req = store_request_new(ends[i].kind);
		struct told told = { 0 };

		if (ends[i].outcome == STORE_REFUSED)
			store_request_refuse(req, NULL, "it is wrong");
		req->outcome = ends[i].outcome;
		if (ends[i].answered)
			req->result = new_result(cells, 1, 1);
		req->fn = on_told;
		req->ctx = &told;
		store_request_tell(req);
		store_request_tell(req);
		assert_int_equal(told.calls, 1);
		assert_int_equal(told.err.cond, ends[i].cond);
		assert_string_equal(told.err.text, ends[i].text);
		assert_int_equal(told.rows, ends[i].rows);
		store_request_free(&req);
	}
}

static void
tells_nobody(void **state)
{
	struct store_request *req = store_request_new(STORE_WRITE);

	(void)state;
	store_request_refuse(req, "SELECT 1", "it is wrong");
	store_request_tell(req);
	assert_true(req->told);
	store_request_free(&req);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, forget_releases)
	const struct CMUnitTest tests[] = {
		TEST(statements_keep_their_order_and_copies),
		TEST(knows_what_it_occupies),
		TEST(takes_as_many_values_as_there_may_be),
		TEST(keeps_the_first_reason),
		TEST(forgets_what_was_tried_but_not_what_to_do),
		TEST(cells_are_text_and_numbers),
		TEST(tells_once_what_became_of_it),
		TEST(tells_nobody),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_request", tests, NULL,
					   NULL);
}
