#include "shared/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "t/lib/database.h"

#define MANY 20000
/* Requests under way. */
#define MOST_AT_ONCE 500
#define TABLE "CREATE TABLE IF NOT EXISTS said" \
	      " (id BIGINT PRIMARY KEY, text TEXT)"
#define SAY "INSERT INTO said VALUES ($1, $2)" \
	    " ON CONFLICT (id) DO UPDATE SET text = excluded.text"
#define REPEAT "INSERT INTO echo VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"
#define COUNT "SELECT count(*) FROM said"

static int
open_database(void **state)
{
	struct database *db = database_new(DATABASE_POSTGRES);

	database_open(db);
	database_do(db, TABLE);
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

struct tally {
	unsigned good, bad, repeated, want;
	bool some, all;
};

static void
on_tally(void *ctx, const struct store_result *result, const struct error *err)
{
	struct tally *tally = ctx;

	tally->good += err == NULL;
	tally->repeated += err == NULL && store_is_repeated(result);
	tally->bad += err != NULL;
	tally->some = tally->good >= 500;
	tally->all = tally->good + tally->bad == tally->want;
}

/* Every second request is a batch over two tables. */
static void
say_many(struct database *db, struct tally *tally)
{
	tally->want = MANY;
	for (int i = 0; i < MANY; i++) {
		struct store_batch *batch;

		if (i % 2) {
			store_write(db->store, SAY, STORE_VALUES(store_int(i),
				    store_text("one")), on_tally, tally);
			continue;
		}
		batch = store_begin(db->store);
		store_add(batch, SAY, STORE_VALUES(store_int(i),
			  store_text("two")));
		store_add(batch, REPEAT, STORE_VALUES(store_int(i),
			  store_text("two")));
		store_commit(&batch, on_tally, tally);
	}
}

static void
assert_all_said(struct database *db, const struct tally *tally)
{
	assert_int_equal(tally->good, MANY);
	assert_int_equal(tally->bad, 0);
	assert_in_range(tally->repeated, 1, MOST_AT_ONCE);
	assert_int_equal(database_ask(db, COUNT), MANY);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM echo"),
			 MANY / 2);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM said"
				      " JOIN echo USING (id)"), MANY / 2);
}

static void
survives_a_kill(void **state)
{
	struct database *db = *state;
	struct tally tally = { 0 };

	database_do(db, "CREATE TABLE echo (id BIGINT PRIMARY KEY,"
			" text TEXT)");
	say_many(db, &tally);
	database_wait(db, &tally.some);
	database_postgres("kill");
	database_wait_up(db, false);
	assert_false(tally.all);
	database_run(db, 300);
	database_postgres("start");
	database_wait(db, &tally.all);
	assert_all_said(db, &tally);
}

static void
survives_an_operator(void **state)
{
	struct database *db = *state;
	struct tally tally = { 0 };

	database_do(db, "CREATE TABLE echo (id BIGINT PRIMARY KEY,"
			" text TEXT)");
	say_many(db, &tally);
	database_wait(db, &tally.some);
	database_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		     " WHERE usename = 'annex'");
	database_wait_up(db, false);
	assert_false(tally.all);
	database_wait(db, &tally.all);
	assert_all_said(db, &tally);
}

static void
reads_time_out(void **state)
{
	struct database *db = *state;
	struct database_answer read = { 0 }, write = { 0 };
	uint64_t start;

	database_close(db, 10);
	db->settings.read_timeout_secs = 1;
	database_open(db);
	database_wait_up(db, true);
	database_postgres("kill");
	start = uv_hrtime();
	uv_update_time(&db->loop);
	store_read(db->store, COUNT, NULL, 0, database_take, &read);
	say(db, 1, "x", &write);
	database_wait(db, &read.done);
	assert_in_range((uv_hrtime() - start) / 1000000, 900, 3000);
	assert_int_equal(read.err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(read.err.type, ERROR_TYPE_WAIT);
	assert_false(db->up);
	assert_false(write.done);
	database_postgres("start");
	database_wait(db, &write.done);
	assert_int_equal(write.err.cond, ERROR_NONE);
	assert_int_equal(database_ask(db, COUNT), 1);
	assert_int_equal(read.calls, 1);
}

/* The connection stands, but nobody answers. */
static void
reads_time_out_in_silence(void **state)
{
	struct database *db = *state;
	struct database_answer reads[3] = { 0 };

	database_close(db, 10);
	db->settings.read_timeout_secs = 1;
	database_open(db);
	database_wait_up(db, true);
	database_postgres("freeze");
	for (int i = 0; i < 3; i++)
		store_read(db->store, COUNT, NULL, 0, database_take,
			   &reads[i]);
	database_wait(db, &reads[2].done);
	database_postgres("thaw");
	assert_int_equal(database_ask(db, COUNT), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(reads[i].calls, 1);
		assert_int_equal(reads[i].err.cond,
				 ERROR_RESOURCE_CONSTRAINT);
	}
}

static void
closes_while_away(void **state)
{
	struct database *db = *state;
	struct tally tally = { .want = 50 };

	database_postgres("kill");
	database_wait_up(db, false);
	for (int i = 0; i < 50; i++)
		store_write(db->store, SAY, STORE_VALUES(store_int(i),
			    store_text("x")), on_tally, &tally);
	database_close(db, 1);
	assert_int_equal(db->lost, 50);
	assert_int_equal(tally.bad, 50);
	database_postgres("start");
}

/* A sequence counts what transactions forget. */
static void
make_trap(struct database *db, const char *sqlstate, int times)
{
	struct database_answer answer = { 0 };
	static char sql[16][400];	/* literals to the store */
	static unsigned next;
	char *text = sql[next++];

	assert_true(next < 16);
	database_do(db, "CREATE SEQUENCE tries");
	snprintf(text, sizeof(sql[0]), "CREATE FUNCTION trap() RETURNS BIGINT"
		 " LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') <= %d THEN"
		 " RAISE EXCEPTION 'no luck' USING ERRCODE = '%s'; END IF;"
		 " RETURN 1; END $$", times, sqlstate);
	store_write(db->store, text, NULL, 0, database_take, &answer);
	database_wait(db, &answer.done);
	assert_int_equal(answer.err.cond, ERROR_NONE);
}

static const struct {
	const char *sqlstate;
	bool passing;
	unsigned downs;
} states[] = {
	{ "40001", true, 0 },	/* serialization_failure */
	{ "40P01", true, 0 },	/* deadlock_detected */
	{ "53100", true, 1 },	/* disk_full */
	{ "53200", true, 1 },	/* out_of_memory */
	{ "57P01", true, 1 },	/* admin_shutdown */
	{ "08006", true, 1 },	/* connection_failure */
	{ "25006", true, 1 },	/* read_only_sql_transaction */
	{ "55P03", true, 1 },	/* lock_not_available */
	{ "57014", true, 1 },	/* query_canceled */
	{ "23505", false, 0 },	/* unique_violation */
	{ "42601", false, 0 },	/* syntax_error */
	{ "08P01", false, 0 },	/* protocol_violation */
	{ "22003", false, 0 },	/* numeric_value_out_of_range */
	{ "XX000", false, 0 },	/* internal_error */
};

/* What passes is tried until it does, and the order stays. */
static void
tries_again_what_passes(void **state)
{
	struct database *db = *state;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		struct database_answer trap = { 0 }, last = { 0 };
		unsigned downs = db->downs;

		make_trap(db, states[i].sqlstate, 2);
		say(db, 1, "before", NULL);
		store_write(db->store, "UPDATE said SET text = 'trap'"
			    " WHERE trap() = 1", NULL, 0, database_take,
			    &trap);
		say(db, 1, "after", &last);
		database_wait(db, &last.done);
		assert_int_equal(trap.calls, 1);
		assert_int_equal(trap.err.cond, states[i].passing ?
				 ERROR_NONE : ERROR_INTERNAL_SERVER_ERROR);
		/* Twice the same: it was not said to be back in between. */
		assert_int_equal(db->downs - downs, states[i].downs);
		assert_true(db->up);
		assert_int_equal(database_ask(db, "SELECT count(*) FROM said"
				 " WHERE id = 1 AND text = 'after'"), 1);
		database_do(db, "DROP FUNCTION trap");
		database_do(db, "DROP SEQUENCE tries");
		database_do(db, "DELETE FROM said");
	}
}

/* One that never comes to its end in time must not stop all others. */
static void
gives_up_what_takes_too_long(void **state)
{
	struct database *db = *state;
	struct database_answer slow = { 0 }, next = { 0 };

	database_close(db, 1);
	database_sql("ALTER ROLE annex SET statement_timeout = 100");
	database_open(db);
	store_write(db->store, "INSERT INTO said SELECT 1, pg_sleep(5)::TEXT",
		    NULL, 0, database_take, &slow);
	say(db, 2, "x", &next);
	database_wait(db, &next.done);
	assert_int_equal(slow.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_int_equal(next.err.cond, ERROR_NONE);
	database_sql("ALTER ROLE annex RESET statement_timeout");
}

/* More than the socket takes at once, both ways. */
static void
moves_large_values(void **state)
{
	struct database *db = *state;
	size_t len = 1 << 20;
	char *text = malloc(len + 1);
	struct database_answer answers[20] = { 0 };

	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	for (int i = 0; i < 20; i++) {
		say(db, i, text, NULL);
		store_read(db->store, "SELECT text FROM said WHERE id = $1",
			   STORE_VALUES(store_int(i)), database_take,
			   &answers[i]);
	}
	database_wait(db, &answers[19].done);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(strlen(answers[i].cells[0]), len);
		database_answer_fini(&answers[i]);
	}
	free(text);
}

#define OPEN(function) \
	cmocka_unit_test_setup_teardown(function, open_database, database_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OPEN(survives_a_kill),
		OPEN(survives_an_operator),
		OPEN(reads_time_out),
		OPEN(reads_time_out_in_silence),
		OPEN(closes_while_away),
		OPEN(tries_again_what_passes),
		OPEN(gives_up_what_takes_too_long),
		OPEN(moves_large_values),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_pg", tests, database_setup,
					   database_teardown);
}
