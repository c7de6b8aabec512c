#include "shared/store_pgflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include <cmocka.h>

#include "shared/store-private.h"
#include "shared/store_pgcache.h"
#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define SAY "INSERT INTO said VALUES ($1, $2)"
#define COUNT "SELECT count(*) FROM said"

struct bed {
	PGconn *conn;
	struct store_pgcache *cache;
	struct store_pgflight *flight;
	unsigned long number;
	char why[400];		/* the last flight's */
};

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	char url[DATABASE_URL_SIZE];

	assert_non_null(bed);
	database_url(DATABASE_POSTGRES, url);
	bed->conn = PQconnectdb(url);
	assert_string_equal(PQerrorMessage(bed->conn), "");
	PQclear(PQexec(bed->conn, "CREATE TABLE said (id BIGINT PRIMARY KEY,"
		       " text TEXT)"));
	assert_int_equal(PQenterPipelineMode(bed->conn), 1);
	bed->cache = store_pgcache_new();
	*state = bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	assert_null(bed->flight);
	PQfinish(bed->conn);
	store_pgcache_free(&bed->cache);
	free(bed);
	return 0;
}

static struct store_request *
add_request(struct bed *bed, struct store_request *req)
{
	if (bed->flight == NULL)
		bed->flight = store_pgflight_new(++bed->number);
	store_pgflight_add(bed->flight, req);
	return req;
}

static struct store_request *
add(struct bed *bed, const char *sql, const struct store_value *values,
    size_t count)
{
	struct store_request *req = store_request_new(STORE_WRITE);

	store_request_add(req, sql, values, count);
	return add_request(bed, req);
}

static struct store_request *
say(struct bed *bed, int64_t id, const char *text)
{
	return add(bed, SAY, STORE_VALUES(store_int(id), store_text(text)));
}

static void
start(struct bed *bed)
{
	assert_int_equal(store_pgflight_send(bed->flight, bed->conn,
					     bed->cache), 0);
}

/* Takes answers until it is known what becomes of the flight, which then has
   no requests any more: they are the caller's again. */
static enum store_pgflight_state
land(struct bed *bed)
{
	enum store_pgflight_state state = STORE_PGFLIGHT_FLYING;
	struct store_request *req, *next;

	while (state == STORE_PGFLIGHT_FLYING) {
		PGresult *res = PQgetResult(bed->conn);

		if (res != NULL)
			state = store_pgflight_take(bed->flight, bed->cache,
						    res);
		else if (bed->flight->list->kind == STORE_SCRIPT)
			break;
	}
	snprintf(bed->why, sizeof(bed->why), "%s", bed->flight->why);
	DL_FOREACH_SAFE(bed->flight->list, req, next)
		DL_DELETE(bed->flight->list, req);
	store_pgflight_free(&bed->flight);
	return state;
}

static enum store_pgflight_state
fly(struct bed *bed)
{
	start(bed);
	return land(bed);
}

/* A flight of its own, which must arrive; -1 when no row comes back. */
static int64_t
ask(struct bed *bed, const char *sql)
{
	struct store_request *req = add(bed, sql, NULL, 0);
	int64_t number;

	assert_int_equal(fly(bed), STORE_PGFLIGHT_DONE);
	number = store_rows(req->result) > 0 ?
		 store_get_int(req->result, 0, 0) : -1;
	store_request_free(&req);
	return number;
}

static void
forget(struct store_request **reqs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		store_request_free(&reqs[i]);
}

static void
answers_each(void **state)
{
	struct bed *bed = *state;
	struct store_request *reqs[4];

	reqs[0] = say(bed, INT64_MIN, "it's");
	reqs[1] = say(bed, 7, NULL);
	/* Nothing, which takes no answer. */
	reqs[2] = add_request(bed, store_request_new(STORE_WRITE));
	/* The result is that of the last statement. */
	reqs[3] = say(bed, 8, "x");
	store_request_add(reqs[3], "SELECT id, text FROM said ORDER BY id",
			  NULL, 0);
	assert_int_equal(bed->flight->count, 4);
	assert_int_equal(fly(bed), STORE_PGFLIGHT_DONE);
	assert_int_equal(store_rows(reqs[0]->result), 0);
	assert_null(reqs[2]->result);
	assert_int_equal(store_rows(reqs[3]->result), 3);
	assert_true(store_get_int(reqs[3]->result, 0, 0) == INT64_MIN);
	assert_string_equal(store_get_text(reqs[3]->result, 0, 1), "it's");
	assert_int_equal(store_get_int(reqs[3]->result, 1, 0), 7);
	assert_null(store_get_text(reqs[3]->result, 1, 1));
	forget(reqs, ARRAY_LEN(reqs));
}

/* Nothing was done; without the one at fault all can be. */
static void
blames_who_is_at_fault(void **state)
{
	struct bed *bed = *state;
	struct store_request *reqs[3];
	static const char *const sql = SAY;

	reqs[0] = say(bed, 1, "a");
	reqs[1] = say(bed, 2, "b");
	store_request_add(reqs[1], sql, STORE_VALUES(store_int(1),
						     store_text("c")));
	reqs[2] = say(bed, 3, "d");
	assert_int_equal(fly(bed), STORE_PGFLIGHT_FAILED);
	assert_non_null(strstr(bed->why, "(SQLSTATE 23505)"));
	assert_int_equal(reqs[0]->outcome, STORE_UNDONE);
	assert_int_equal(reqs[1]->outcome, STORE_REFUSED);
	assert_ptr_equal(reqs[1]->refused_sql, sql);
	assert_int_equal(reqs[2]->outcome, STORE_UNDONE);
	assert_int_equal(ask(bed, COUNT), 0);

	for (size_t i = 0; i < ARRAY_LEN(reqs); i++)
		add_request(bed, reqs[i]);
	assert_int_equal(fly(bed), STORE_PGFLIGHT_DONE);
	assert_int_equal(ask(bed, "SELECT sum(id) FROM said"), 4);
	forget(reqs, ARRAY_LEN(reqs));
}

/* It shows when the transaction ends, so it may be anybody's. */
static void
blames_nobody_at_the_end(void **state)
{
	struct bed *bed = *state;
	struct store_request *reqs[2];

	ask(bed, "CREATE TABLE answer (id BIGINT PRIMARY KEY, said BIGINT"
	    " REFERENCES said DEFERRABLE INITIALLY DEFERRED)");
	for (size_t i = 0; i < ARRAY_LEN(reqs); i++)
		reqs[i] = add(bed, "INSERT INTO answer VALUES ($1, $1)",
			      STORE_VALUES(store_int((int64_t)i)));
	assert_int_equal(fly(bed), STORE_PGFLIGHT_FAILED);
	for (size_t i = 0; i < ARRAY_LEN(reqs); i++)
		assert_int_equal(reqs[i]->outcome, STORE_UNDONE);
	/* Alone, it is known whose. */
	add_request(bed, reqs[1]);
	assert_int_equal(fly(bed), STORE_PGFLIGHT_FAILED);
	assert_int_equal(reqs[1]->outcome, STORE_REFUSED);
	forget(reqs, ARRAY_LEN(reqs));
	ask(bed, "DROP TABLE answer");
}

/* What is raised, and what becomes of the flight. */
static const struct {
	const char *sql, *sqlstate;
	bool behind;		/* another flight is behind */
	enum store_pgflight_state state;
	bool blamed;
} faults[] = {
#define RAISE(state) "DO $$ BEGIN RAISE EXCEPTION 'no luck' " \
	"USING ERRCODE = '" state "'; END $$", state
	/* Conflicts: at once, unless it would be overtaken. */
	{ RAISE("40001"), false, STORE_PGFLIGHT_FAILED, false },
	{ RAISE("40P01"), false, STORE_PGFLIGHT_FAILED, false },
	{ RAISE("40001"), true, STORE_PGFLIGHT_PASSING, false },
	/* The server is unwell. */
	{ RAISE("53100"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("57P01"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("08006"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("25006"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("55P03"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("58030"), false, STORE_PGFLIGHT_PASSING, false },
	{ RAISE("57014"), false, STORE_PGFLIGHT_PASSING, false },
	/* The statement is wrong. */
	{ RAISE("08P01"), false, STORE_PGFLIGHT_FAILED, true },
	{ RAISE("22003"), false, STORE_PGFLIGHT_FAILED, true },
	{ RAISE("XX000"), false, STORE_PGFLIGHT_FAILED, true },
};

static void
judges_faults(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct bed *bed = *state;
		struct store_pgflight *behind = store_pgflight_new(99);
		struct store_request *req = add(bed, faults[i].sql, NULL, 0);

		if (faults[i].behind)
			bed->flight->next = behind;
		assert_int_equal(fly(bed), faults[i].state);
		assert_non_null(strstr(bed->why, faults[i].sqlstate));
		assert_int_equal(req->outcome == STORE_REFUSED,
				 faults[i].blamed);
		store_request_free(&req);
		store_pgflight_free(&behind);
		/* One whose answers were not all taken must go. */
		teardown(state);
		setup(state);
	}
}

/* It is called off each time, so it must not stop all others. */
static void
gives_up_what_is_called_off(void **state)
{
	struct store_request *req = store_request_new(STORE_WRITE);

	store_request_add(req, faults[9].sql, NULL, 0);
	assert_string_equal(faults[9].sqlstate, "57014");
	for (int i = 0; i < 5; i++) {
		add_request(*state, req);
		assert_int_equal(fly(*state), i < 4 ? STORE_PGFLIGHT_PASSING :
				 STORE_PGFLIGHT_FAILED);
		teardown(state);
		setup(state);
	}
	assert_int_equal(req->outcome, STORE_REFUSED);
	store_request_free(&req);
}

/* A statement first met in a flight that fails must still be known later. */
static void
prepares_apart(void **state)
{
	static const char later[] = "INSERT INTO said VALUES ($1, 'later')";
	struct bed *bed = *state;
	struct store_request *bad, *good;

	ask(bed, "INSERT INTO said VALUES (1, 'x')");
	bad = add(bed, "INSERT INTO said VALUES (1, 'y')", NULL, 0);
	store_request_add(bad, later, STORE_VALUES(store_int(2)));
	assert_int_equal(fly(bed), STORE_PGFLIGHT_FAILED);
	good = add(bed, later, STORE_VALUES(store_int(3)));
	assert_int_equal(fly(bed), STORE_PGFLIGHT_DONE);
	assert_int_equal(ask(bed, "SELECT sum(id) FROM said"), 4);
	store_request_free(&bad);
	store_request_free(&good);
}

/* What could not be prepared may only need another of its flight. */
static void
prepares_nothing_for_one_alone(void **state)
{
	static const char insert[] = "INSERT INTO new VALUES (7)";
	struct bed *bed = *state;
	struct store_request *reqs[2];

	reqs[0] = add(bed, "CREATE TABLE new (id BIGINT)", NULL, 0);
	reqs[1] = add(bed, insert, NULL, 0);
	assert_int_equal(fly(bed), STORE_PGFLIGHT_FAILED);
	for (size_t i = 0; i < ARRAY_LEN(reqs); i++) {
		assert_int_equal(reqs[i]->outcome, STORE_UNDONE);
		reqs[i]->alone = true;
		add_request(bed, reqs[i]);
		assert_int_equal(fly(bed), STORE_PGFLIGHT_DONE);
	}
	assert_int_equal(ask(bed, "SELECT id FROM new"), 7);
	assert_int_equal(ask(bed, "SELECT count(*) FROM pg_prepared_statements"
			     " WHERE statement LIKE 'INSERT INTO new%'"), 0);
	ask(bed, "DROP TABLE new");
	forget(reqs, ARRAY_LEN(reqs));
}

static void
refuses_to_copy(void **state)
{
	struct bed *bed = *state;
	struct store_request *req = add(bed, "COPY said FROM STDIN", NULL, 0);

	assert_int_equal(fly(bed), STORE_PGFLIGHT_BROKEN);
	assert_int_equal(req->outcome, STORE_REFUSED);
	assert_string_equal(bed->why, "it was asked to COPY");
	store_request_free(&req);
}

static void
runs_scripts_outside_the_pipeline(void **state)
{
	static const struct {
		const char *script;
		enum store_outcome outcome;
	} scripts[] = {
		{ "INSERT INTO said VALUES (1, 'x'); -- all\n"
		  "INSERT INTO said VALUES (2, 'y')", STORE_UNDONE },
		{ "INSERT INTO said VALUES (3, 'x');"
		  "INSERT INTO said VALUES (1, 'y')", STORE_REFUSED },
	};
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct store_request *req = store_request_new(STORE_SCRIPT);

		req->script = strdup(scripts[i].script);
		add_request(bed, req);
		/* Its end is no answer. */
		assert_int_equal(fly(bed), STORE_PGFLIGHT_FLYING);
		assert_int_equal(PQpipelineStatus(bed->conn),
				 PQ_PIPELINE_OFF);
		assert_int_equal(req->outcome, scripts[i].outcome);
		assert_int_equal(PQenterPipelineMode(bed->conn), 1);
		assert_int_equal(ask(bed, COUNT), 2);
		store_request_free(&req);
	}
}

static void
says_when_the_connection_is_gone(void **state)
{
	struct bed *bed = *state;
	struct store_request *req = add(bed, "SELECT pg_sleep(60)", NULL, 0);
	enum store_pgflight_state is;

	start(bed);
	database_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		     " WHERE usename = 'annex'");
	is = land(bed);
	/* By the server's last word, if that could be read. */
	assert_true(is == STORE_PGFLIGHT_PASSING ||
		    is == STORE_PGFLIGHT_BROKEN);
	assert_true(strlen(bed->why) > 10);
	assert_int_equal(req->outcome, STORE_UNDONE);
	store_request_free(&req);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(answers_each),
		TEST(blames_who_is_at_fault),
		TEST(blames_nobody_at_the_end),
		TEST(judges_faults),
		TEST(gives_up_what_is_called_off),
		TEST(prepares_apart),
		TEST(prepares_nothing_for_one_alone),
		TEST(refuses_to_copy),
		TEST(runs_scripts_outside_the_pipeline),
		TEST(says_when_the_connection_is_gone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_pgflight", tests,
					   database_setup, database_teardown);
}
