#include "shared/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shared/store-private.h"
#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 10000

#define SAY "INSERT INTO said VALUES ($1, $2)" \
	    " ON CONFLICT (id) DO UPDATE SET text = excluded.text"
#define INSERT "INSERT INTO said VALUES ($1, $2)"
#define COUNT "SELECT count(*) FROM said"

static int
open_said(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;
	struct database *db = database_new(kind);

	database_open(db);
	database_do(db, "CREATE TABLE said (id BIGINT PRIMARY KEY,"
			" text TEXT)");
	*state = db;
	return 0;
}

static void
say(struct database *db, int64_t id, const char *text,
    struct database_answer *answer)
{
	store_write(db->store, SAY,
		    STORE_VALUES(store_int(id), store_text(text)),
		    answer != NULL ? database_take : NULL, answer);
}

static void
assert_refused(struct database_answer *answer)
{
	assert_int_equal(answer->calls, 1);
	assert_int_equal(answer->err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_string_equal(answer->err.text,
			    "the database refused the request");
	database_answer_fini(answer);
}

static void
assert_away(struct database_answer *answer)
{
	assert_int_equal(answer->calls, 1);
	assert_int_equal(answer->err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(answer->err.type, ERROR_TYPE_WAIT);
	database_answer_fini(answer);
}

struct order {
	unsigned next;		/* the answer expected */
	bool wrong, done;
};

struct place {
	struct order *order;
	unsigned number;
};

static void
on_place(void *ctx, const struct store_result *result, const struct error *err)
{
	struct place *place = ctx;

	(void)result;
	if (err != NULL || place->order->next != place->number)
		place->order->wrong = true;
	place->order->next = place->number + 1;
	place->order->done = place->number == MANY - 1;
}

static void
keeps_order(void **state)
{
	struct database *db = *state;
	struct order order = { 0 };
	struct place *places = calloc(MANY, sizeof(*places));
	char text[32];

	assert_non_null(places);
	for (unsigned i = 0; i < MANY; i++) {
		places[i] = (struct place){ &order, i };
		snprintf(text, sizeof(text), "%u", i);
		store_write(db->store, SAY, STORE_VALUES(store_int(1),
			    store_text(text)), on_place, &places[i]);
	}
	database_wait(db, &order.done);
	assert_false(order.wrong);
	assert_int_equal(database_ask(db, "SELECT text FROM said"), MANY - 1);
	assert_int_equal(database_ask(db, COUNT), 1);
	free(places);
}

static void
writes_many(void **state)
{
	struct database *db = *state;
	struct database_answer last = { 0 };

	for (int i = 0; i < MANY; i++)
		store_write(db->store, INSERT, STORE_VALUES(store_int(i),
			    store_text("x")), i == MANY - 1 ? database_take :
			    NULL, &last);
	database_wait(db, &last.done);
	assert_int_equal(database_ask(db, COUNT), MANY);
	assert_int_equal(database_ask(db, "SELECT sum(id) FROM said"),
			 49995000);
	assert_int_equal(database_metric(db, "annex_store_waiting_writes"), 0);
	assert_int_equal(database_metric(db, "annex_store_waiting_bytes"), 0);
	database_answer_fini(&last);
}

static void
reads_own_writes(void **state)
{
	struct database *db = *state;
	struct database_answer before = { 0 }, between = { 0 }, after = { 0 };

	store_read(db->store, COUNT, NULL, 0, database_take, &before);
	say(db, 1, "one", NULL);
	store_read(db->store, COUNT, NULL, 0, database_take, &between);
	say(db, 2, "two", NULL);
	store_read(db->store, COUNT, NULL, 0, database_take, &after);
	assert_false(before.done || between.done || after.done);
	database_wait(db, &after.done);
	assert_string_equal(before.cells[0], "0");
	assert_string_equal(between.cells[0], "1");
	assert_string_equal(after.cells[0], "2");
	database_answer_fini(&before);
	database_answer_fini(&between);
	database_answer_fini(&after);
}

static void
batch_is_one(void **state)
{
	struct database *db = *state;
	struct database_answer good = { 0 }, bad = { 0 }, next = { 0 };
	struct store_batch *batch = store_begin(db->store);
	size_t bytes;

	store_add(batch, INSERT, STORE_VALUES(store_int(1), store_text("a")));
	store_add(batch, INSERT, STORE_VALUES(store_int(2), store_text("b")));
	store_add(batch, "UPDATE said SET text = 'c' WHERE id < $1"
		  " RETURNING text", STORE_VALUES(store_int(2)));
	store_commit(&batch, database_take, &good);
	assert_null(batch);

	batch = store_begin(db->store);
	bytes = store_batch_bytes(batch);
	store_add(batch, INSERT, STORE_VALUES(store_int(3), store_text("d")));
	assert_in_range(store_batch_bytes(batch) - bytes, 2, 200);
	store_add(batch, "DELETE FROM said WHERE id = 1", NULL, 0);
	store_add(batch, INSERT, STORE_VALUES(store_int(2), store_text("e")));
	store_add(batch, INSERT, STORE_VALUES(store_int(4), store_text("f")));
	store_commit(&batch, database_take, &bad);
	say(db, 9, "g", &next);

	database_wait(db, &next.done);
	assert_int_equal(good.err.cond, ERROR_NONE);
	assert_int_equal(good.rows, 1);
	assert_string_equal(good.cells[0], "c");
	assert_refused(&bad);
	assert_int_equal(next.err.cond, ERROR_NONE);
	assert_int_equal(database_ask(db, "SELECT sum(id) FROM said"), 12);
	database_answer_fini(&good);
	database_answer_fini(&next);
}

static void
batch_may_be_empty(void **state)
{
	struct database *db = *state;
	struct database_answer answer = { 0 };
	struct store_batch *batch = store_begin(db->store);

	store_commit(&batch, database_take, &answer);
	assert_false(answer.done);
	database_wait(db, &answer.done);
	assert_int_equal(answer.err.cond, ERROR_NONE);
	assert_int_equal(answer.rows, 0);
}

static const struct {
	struct store_value value;
	const char *want;
} kept[] = {
	{ { STORE_NULL, 0, NULL },	NULL },
	{ { STORE_TEXT, 0, "" },	"" },
	{ { STORE_TEXT, 0, "it's \"$1\" \\ ; -- %" }, "it's \"$1\" \\ ; -- %" },
	{ { STORE_TEXT, 0, "Žluťoučký 漢字 🎭" },	"Žluťoučký 漢字 🎭" },
	{ { STORE_TEXT, 0, "\t\n\x7f\xc2\x80" },	"\t\n\x7f\xc2\x80" },
	{ { STORE_TEXT, 0, "NULL" },	"NULL" },
	{ { STORE_TEXT, 0, "007" },	"007" },
};

static void
keeps_texts(void **state)
{
	struct database *db = *state;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct database_answer answer = { 0 };

		store_write(db->store, SAY, STORE_VALUES(store_int(1),
			    kept[i].value), NULL, NULL);
		store_read(db->store, "SELECT text FROM said WHERE id = $1",
			   STORE_VALUES(store_int(1)), database_take, &answer);
		database_wait(db, &answer.done);
		assert_int_equal(answer.rows, 1);
		if (kept[i].want == NULL)
			assert_null(answer.cells[0]);
		else
			assert_string_equal(answer.cells[0], kept[i].want);
		database_answer_fini(&answer);
	}
}

static void
keeps_numbers(void **state)
{
	static const int64_t numbers[] = { 0, -1, INT64_MAX, INT64_MIN };
	struct database *db = *state;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		store_write(db->store, "DELETE FROM said", NULL, 0, NULL,
			    NULL);
		say(db, numbers[i], NULL, NULL);
		assert_int_equal(database_ask(db, "SELECT id FROM said"),
				 numbers[i]);
	}
	assert_int_equal(database_ask(db, "SELECT text FROM said"), -1);
}

static void
on_rows(void *ctx, const struct store_result *result, const struct error *err)
{
	bool *done = ctx;

	assert_null(err);
	assert_int_equal(store_rows(result), 1000);
	for (size_t row = 0; row < 1000; row++) {
		assert_int_equal(store_get_int(result, row, 0), row);
		assert_int_equal(store_get_text(result, row, 1) == NULL,
				 row % 2);
		assert_int_equal(store_get_int(result, row, 1), 0);
		assert_string_equal(store_get_text(result, row, 2), "z");
	}
	*done = true;
}

static void
reads_many_rows(void **state)
{
	struct database *db = *state;
	bool done = false;

	for (int i = 0; i < 1000; i++)
		say(db, i, i % 2 ? NULL : "text", NULL);
	store_read(db->store, "SELECT id, text, 'z' FROM said ORDER BY id",
		   NULL, 0, on_rows, &done);
	database_wait(db, &done);
}

static const char *const wrong[] = {
	"SELEKT 1",
	"",
	"SELECT id FROM unsaid",
	"SELECT id FROM said WHERE id = $1 OR id = $2",
	"SELECT id FROM said",
};

static void
refuses_wrong_statements(void **state)
{
	struct database *db = *state;

	for (size_t i = 0; i < 2 * ARRAY_LEN(wrong); i++) {
		struct database_answer read = { 0 }, write = { 0 };

		/* One value each: too few, too many, or of no use. */
		store_read(db->store, wrong[i / 2],
			   STORE_VALUES(store_int(1)), database_take, &read);
		store_write(db->store, wrong[i / 2],
			    STORE_VALUES(store_int(1)), database_take, &write);
		database_wait(db, &write.done);
		assert_refused(&read);
		assert_refused(&write);
		assert_int_equal(database_ask(db, COUNT), 0);
	}
	assert_true(db->up);
	assert_int_equal(db->downs, 0);
	assert_int_equal(database_metric(db, "annex_store_refused_total"), 20);
}

static void
refuses_by_constraint(void **state)
{
	struct database *db = *state;
	struct database_answer answers[3] = { 0 };

	for (int i = 0; i < 3; i++)
		store_write(db->store, INSERT, STORE_VALUES(store_int(i / 2),
			    store_text("x")), database_take, &answers[i]);
	database_wait(db, &answers[2].done);
	assert_int_equal(answers[0].err.cond, ERROR_NONE);
	assert_refused(&answers[1]);
	assert_int_equal(answers[2].err.cond, ERROR_NONE);
	assert_int_equal(database_ask(db, COUNT), 2);
}

/* The fault is found when the transaction ends: it must be laid on the right
   one of those that wait together. */
static void
refuses_at_commit(void **state)
{
	static const int to[] = { 1, 7, 1 };
	struct database *db = *state;
	struct database_answer answers[3] = { 0 };

	database_do(db, "CREATE TABLE answer (id BIGINT PRIMARY KEY,"
			" said BIGINT REFERENCES said"
			" DEFERRABLE INITIALLY DEFERRED)");
	say(db, 1, "x", NULL);
	for (int i = 0; i < 3; i++)
		store_write(db->store, "INSERT INTO answer VALUES ($1, $2)",
			    STORE_VALUES(store_int(i), store_int(to[i])),
			    database_take, &answers[i]);
	database_wait(db, &answers[2].done);
	assert_int_equal(answers[0].err.cond, ERROR_NONE);
	assert_refused(&answers[1]);
	assert_int_equal(answers[2].err.cond, ERROR_NONE);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM answer"), 2);
}

/* What could not be prepared at first can be later. */
static void
forgets_old_refusals(void **state)
{
	static const char sql[] = "SELECT count(*) FROM later";
	struct database *db = *state;
	struct database_answer answer = { 0 };

	store_read(db->store, sql, NULL, 0, database_take, &answer);
	database_wait(db, &answer.done);
	assert_refused(&answer);
	database_do(db, "CREATE TABLE later (id BIGINT)");
	assert_int_equal(database_ask(db, sql), 0);
}

/* What is to be used is made in the same turn, or in the same batch. */
static void
uses_what_it_makes(void **state)
{
	struct database *db = *state;
	struct database_answer answers[4] = { 0 };
	struct store_batch *batch = store_begin(db->store);

	store_write(db->store, "CREATE TABLE new (id BIGINT)", NULL, 0,
		    database_take, &answers[0]);
	store_write(db->store, "INSERT INTO new VALUES ($1)",
		    STORE_VALUES(store_int(7)), database_take, &answers[1]);
	store_add(batch, "CREATE TABLE newer (id BIGINT)", NULL, 0);
	store_add(batch, "INSERT INTO newer SELECT id + $1 FROM new",
		  STORE_VALUES(store_int(1)));
	store_commit(&batch, database_take, &answers[2]);
	store_read(db->store, "SELECT id FROM newer", NULL, 0, database_take,
		   &answers[3]);
	database_wait(db, &answers[3].done);
	for (int i = 0; i < 4; i++)
		assert_int_equal(answers[i].err.cond, ERROR_NONE);
	assert_string_equal(answers[3].cells[0], "8");
	database_answer_fini(&answers[3]);
}

struct again {
	struct database *db;
	struct database_answer answer;
	bool late;
};

static void
on_again(void *ctx, const struct store_result *result, const struct error *err)
{
	struct again *again = ctx;

	assert_null(err);
	assert_int_equal(store_get_int(result, 0, 0), 0);
	say(again->db, 1, "x", NULL);
	store_read(again->db->store, COUNT, NULL, 0, database_take,
		   &again->answer);
	again->late = again->answer.done;
}

static void
answers_may_ask(void **state)
{
	struct database *db = *state;
	struct again again = { .db = db };

	store_read(db->store, COUNT, NULL, 0, on_again, &again);
	database_wait(db, &again.answer.done);
	assert_false(again.late);
	assert_string_equal(again.answer.cells[0], "1");
	database_answer_fini(&again.answer);
}

/* The queue takes nine of 1,100 bytes and a little. */
static void
bounds_the_queue(void **state)
{
	struct database *db = *state;
	struct database_answer answers[100] = { 0 };
	char text[1001];
	unsigned lost = 0;

	database_close(db, 10);
	db->settings.queue_bytes = 12000;
	database_open(db);
	database_wait_up(db, true);
	if (db->kind == DATABASE_NONE)
		database_do(db, "CREATE TABLE said (id BIGINT PRIMARY KEY,"
				" text TEXT)");
	memset(text, 'x', 1000);
	text[1000] = '\0';
	for (int i = 0; i < 100; i++)
		say(db, i, text, &answers[i]);
	assert_false(answers[99].done);
	database_wait(db, &answers[99].done);
	assert_int_equal(database_ask(db, COUNT) + 90 > 90, 1);
	for (int i = 0; i < 100; i++) {
		lost += answers[i].err.cond != ERROR_NONE;
		if (answers[i].err.cond != ERROR_NONE)
			assert_away(&answers[i]);
		database_answer_fini(&answers[i]);
	}
	assert_in_range(lost, 85, 99);
	assert_int_equal(database_ask(db, COUNT), 100 - lost);
	assert_int_equal(database_metric(db, "annex_store_lost_total"), lost);
	say(db, 200, "there is room again", NULL);
	assert_int_equal(database_ask(db, COUNT), 101 - lost);
}

static void
takes_one_large_write(void **state)
{
	struct database *db = *state;
	size_t len = 4 << 20;
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	database_close(db, 10);
	db->settings.queue_bytes = 1000;
	database_open(db);
	if (db->kind == DATABASE_NONE)
		database_do(db, "CREATE TABLE said (id BIGINT PRIMARY KEY,"
				" text TEXT)");
	say(db, 1, text, NULL);
	assert_int_equal(database_ask(db, "SELECT length(text) FROM said"),
			 4 << 20);
	free(text);
}

static void
closing_ends_writes(void **state)
{
	struct database *db = *state;
	struct database_answer read = { 0 }, last = { 0 }, late = { 0 };
	struct store *store = db->store;

	for (int i = 0; i < MANY; i++)
		say(db, i, "x", i == MANY - 1 ? &last : NULL);
	store_read(db->store, COUNT, NULL, 0, database_take, &read);
	store_close(&db->store, 60, NULL, NULL);
	assert_false(read.done);
	store_write(store, COUNT, NULL, 0, database_take, &late);
	assert_false(late.done);
	database_wait(db, &last.done);
	assert_int_equal(last.err.cond, ERROR_NONE);
	assert_away(&read);
	assert_away(&late);
	if (db->kind == DATABASE_NONE)
		return;
	database_open(db);
	assert_int_equal(database_ask(db, COUNT), MANY);
}

static void
closing_counts_the_lost(void **state)
{
	struct database *db = *state;
	struct database_answer answers[MANY / 2] = { 0 };
	size_t failed = 0;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		say(db, (int64_t)i, "x", &answers[i]);
	database_close(db, 0);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		assert_int_equal(answers[i].calls, 1);
		failed += answers[i].err.cond == ERROR_RESOURCE_CONSTRAINT;
	}
	assert_int_equal(failed, db->lost);
	/* One thousand are sent at once. */
	assert_true(failed > 0);
	if (db->kind == DATABASE_NONE)
		return;
	database_open(db);
	assert_in_range(database_ask(db, COUNT), ARRAY_LEN(answers) - failed,
			ARRAY_LEN(answers));
}

static void
runs_scripts(void **state)
{
	struct database *db = *state;
	struct database_answer good = { 0 }, bad = { 0 }, open = { 0 };

	say(db, 1, "x", NULL);
	store_script(db->store, "UPDATE said SET text = 'y'; -- all\n"
		     "CREATE TABLE new (id BIGINT);\n"
		     "INSERT INTO new SELECT id FROM said;",
		     database_take, &good);
	say(db, 2, "z", NULL);
	store_script(db->store, "INSERT INTO new VALUES (5);"
		     "INSERT INTO said VALUES (1, 'twice');"
		     "INSERT INTO new VALUES (6)", database_take, &bad);
	store_script(db->store, "INSERT INTO new VALUES (7); BEGIN",
		     database_take, &open);
	assert_int_equal(database_ask(db, "SELECT sum(id) FROM new"), 1);
	assert_int_equal(database_ask(db, COUNT), 2);
	assert_int_equal(good.err.cond, ERROR_NONE);
	assert_int_equal(bad.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_non_null(strstr(bad.err.text, db->kind == DATABASE_POSTGRES ?
			       "23505" : "said.id"));
	assert_int_equal(open.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_true(good.calls == 1 && bad.calls == 1 && open.calls == 1);
}

static void
says_what_it_is(void **state)
{
	struct database *db = *state;

	assert_string_equal(store_dialect(db->store),
			    db->kind == DATABASE_POSTGRES ? "postgresql" :
			    "sqlite");
	assert_int_equal(store_is_lasting(db->store),
			 db->kind != DATABASE_NONE);
	assert_true(store_is_up(db->store));
	assert_true(db->up);
	assert_int_equal(db->downs, 0);
	assert_int_equal(database_metric(db, "annex_store_up"), 1);
}

static const char *const urls[] = {
	"", "sqlite", "sqlite:", "mysql://secret@host/db", "none ", "memory",
	"postgresql://user:secret@[::1",
};

static void
refuses_urls(void **state)
{
	struct store_settings settings = { 0 };
	uv_loop_t loop;

	(void)state;
	uv_loop_init(&loop);
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct store *store = NULL;
		struct error err = { 0 };

		settings.url = urls[i];
		assert_int_equal(store_new(&loop, &settings, NULL, &store,
					   &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_true(strlen(err.text) > 10);
		assert_null(strstr(err.text, "secret"));
	}
	assert_int_equal(uv_loop_close(&loop), 0);
}

#define CASE(function) { #function, function, open_said, database_drop, NULL }

static const struct CMUnitTest cases[] = {
	CASE(says_what_it_is),
	CASE(keeps_order),
	CASE(writes_many),
	CASE(reads_own_writes),
	CASE(batch_is_one),
	CASE(batch_may_be_empty),
	CASE(keeps_texts),
	CASE(keeps_numbers),
	CASE(reads_many_rows),
	CASE(refuses_wrong_statements),
	CASE(refuses_by_constraint),
	CASE(refuses_at_commit),
	CASE(forgets_old_refusals),
	CASE(uses_what_it_makes),
	CASE(answers_may_ask),
	CASE(bounds_the_queue),
	CASE(takes_one_large_write),
	CASE(closing_ends_writes),
	CASE(closing_counts_the_lost),
	CASE(runs_scripts),
};

int
main(void)
{
	static enum database_kind kinds[] = {
		DATABASE_NONE, DATABASE_SQLITE, DATABASE_POSTGRES,
	};
	struct CMUnitTest tests[ARRAY_LEN(kinds) * ARRAY_LEN(cases) + 1];
	static char names[ARRAY_LEN(tests)][64];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds) * ARRAY_LEN(cases); i++) {
		size_t kind = i / ARRAY_LEN(cases);

		tests[n] = cases[i % ARRAY_LEN(cases)];
		snprintf(names[n], sizeof(names[n]), "%s %s",
			 database_name(kinds[kind]), tests[n].name);
		tests[n].name = names[n];
		tests[n++].initial_state = &kinds[kind];
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refuses_urls);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("store", tests, n, database_setup,
				       database_teardown);
}
