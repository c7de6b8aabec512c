#include "shared/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOTED "SELECT count(*) FROM annex_migration WHERE component = 'dog'"

static const char no_table[] = "-- nothing yet\n";
static const char first[] = "CREATE TABLE dog_name (id BIGINT, text TEXT);\n"
	"-- a comment; with a semicolon\n"
	"INSERT INTO dog_name VALUES (1, 'it''s; Rex')";
static const char second[] = "INSERT INTO dog_name VALUES (2, 'Waldi');\n";
static const char broken[] = "INSERT INTO dog_name VALUES (3, 'Bello');\n"
	"INSERT INTO cat_name VALUES (4, 'Mizi');\n";

/* A folder of migrations, and what came of them. */
struct run {
	struct database *db;
	char folder[128];
	bool done;
	unsigned calls, applied;
	struct error err;
};

static int
new_run(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;
	struct database *db = database_new(kind);
	struct run *run = calloc(1, sizeof(*run));
	static unsigned made;

	assert_non_null(run);
	run->db = db;
	snprintf(run->folder, sizeof(run->folder), "%s/schema%u",
		 database_folder(), ++made);
	assert_int_equal(mkdir(run->folder, 0700), 0);
	*state = run;
	return 0;
}

static int
free_run(void **state)
{
	struct run *run = *state;

	database_free(&run->db);
	free(run);
	return 0;
}

static void
put(struct run *run, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", run->folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void
take_away(struct run *run, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", run->folder, name);
	assert_int_equal(unlink(path), 0);
}

static void
on_end(void *ctx, unsigned applied, const struct error *err)
{
	struct run *run = ctx;

	run->done = true;
	run->calls++;
	run->applied = applied;
	if (err != NULL)
		run->err = *err;
}

static void
start(struct run *run, bool check)
{
	run->done = false;
	run->calls = run->applied = 0;
	run->err = (struct error){ 0 };
	migrate_run(run->db->store, run->folder, "dog", check, on_end, run);
}

static void
end(struct run *run)
{
	database_wait(run->db, &run->done);
	assert_int_equal(run->calls, 1);
}

static void
assert_applies(struct run *run, unsigned count)
{
	start(run, false);
	end(run);
	assert_string_equal(run->err.text, "");
	assert_int_equal(run->applied, count);
}

static void
assert_refuses(struct run *run, bool check, const char *why)
{
	start(run, check);
	end(run);
	assert_int_equal(run->err.cond, ERROR_INTERNAL_SERVER_ERROR);
	if (strstr(run->err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", run->err.text, why);
}

static void
applies_once(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", second);
	put(run, "README", "no migration");
	put(run, ".0003-hidden.sql", broken);
	database_open(run->db);
	assert_applies(run, 2);
	assert_int_equal(database_ask(run->db, "SELECT sum(id)"
				      " FROM dog_name"), 3);
	assert_int_equal(database_ask(run->db, "SELECT count(*) FROM dog_name"
				      " WHERE text = 'it''s; Rex'"), 1);
	assert_int_equal(database_ask(run->db, NOTED), 2);
	assert_applies(run, 0);
	put(run, "0003-third.sql", "DELETE FROM dog_name;");
	assert_applies(run, 1);
	assert_int_equal(database_ask(run->db, "SELECT count(*)"
				      " FROM annex_migration WHERE number = 3"
				      " AND name = '0003-third'"
				      " AND applied > 1700000000"), 1);
}

static void
knows_its_dialect(void **state)
{
	struct run *run = *state;
	bool pg = run->db->kind == DATABASE_POSTGRES;

	put(run, "0001-names.pg.sql", "CREATE TABLE dog_name (id BIGSERIAL,"
	    " text TEXT);");
	put(run, "0001-names.sqlite.sql", "CREATE TABLE dog_name (id INTEGER"
	    " PRIMARY KEY AUTOINCREMENT, text TEXT);");
	put(run, "0002-more.sql", "INSERT INTO dog_name (text)"
	    " VALUES ('Rex'), ('Waldi');");
	database_open(run->db);
	assert_applies(run, 2);
	assert_int_equal(database_ask(run->db, "SELECT max(id)"
				      " FROM dog_name"), 2);
	put(run, pg ? "0003-x.sqlite.sql" : "0003-x.pg.sql", first);
	put(run, "0004-y.sql", first);
	assert_refuses(run, false, "lacks migration 0003");
}

static void
checks_only(void **state)
{
	struct run *run = *state;
	struct stat st;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", second);
	database_open(run->db);
	start(run, true);
	end(run);
	assert_int_equal(run->err.cond, ERROR_NONE);
	assert_int_equal(run->applied, 2);
	if (run->db->kind == DATABASE_SQLITE)
		assert_int_equal(stat(run->db->url + strlen("sqlite:"), &st),
				 -1);
	assert_applies(run, 2);
	start(run, true);
	end(run);
	assert_int_equal(run->err.cond, ERROR_NONE);
	assert_int_equal(run->applied, 0);
}

static const struct {
	const char *names[2];
	const char *why;
} folders[] = {
	{ { NULL }, "holds no migrations" },
	{ { "0001-x.sql", "0003-x.sql" }, "lacks migration 0002" },
	{ { "1-x.sql" }, "not named NNNN-what.sql" },
};

static void
refuses_folders(void **state)
{
	struct run *run = *state;

	database_open(run->db);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		const char *const *names = folders[i].names;

		for (size_t n = 0; n < 2 && names[n] != NULL; n++)
			put(run, names[n], no_table);
		assert_refuses(run, false, folders[i].why);
		assert_refuses(run, true, folders[i].why);
		for (size_t n = 0; n < 2 && names[n] != NULL; n++)
			take_away(run, names[n]);
	}
	assert_int_equal(rmdir(run->folder), 0);
	assert_refuses(run, false, "No such file or directory");
}

static void
refuses_newer_databases(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", second);
	database_open(run->db);
	assert_applies(run, 2);
	take_away(run, "0002-more.sql");
	assert_refuses(run, false, "newer than this program: dog has "
		       "migration 0002-more, known are 1");
	assert_refuses(run, true, "newer than this program");
	put(run, "0002-other.sql", second);
	assert_refuses(run, false, "known is 0002-other");
}

static void
stops_at_failures(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", broken);
	put(run, "0003-never.sql", "DROP TABLE dog_name;");
	database_open(run->db);
	assert_refuses(run, false, "0002-more.sql: ");
	assert_non_null(strstr(run->err.text, "cat_name"));
	assert_int_equal(run->applied, 1);
	assert_int_equal(database_ask(run->db, "SELECT count(*)"
				      " FROM dog_name"), 1);
	put(run, "0002-more.sql", second);
	assert_applies(run, 2);
}

static void
says_why_the_first_fails(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", broken);
	database_open(run->db);
	assert_refuses(run, false, "0001-names.sql: ");
	assert_non_null(strstr(run->err.text, "dog_name"));
	assert_int_equal(run->applied, 0);
}

/* Several at once, of which each finds the tables ready at its end. */
static void
applies_once_together(void **state)
{
	struct run *run = *state;
	struct run others[3];
	struct database dbs[3];
	unsigned applied;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", second);
	database_open(run->db);
	start(run, false);
	for (int i = 0; i < 3; i++) {
		dbs[i] = *run->db;
		dbs[i].metrics = NULL;
		assert_int_equal(store_new(&run->db->loop, &run->db->settings,
					   NULL, &dbs[i].store, NULL), 0);
		others[i] = *run;
		others[i].db = &dbs[i];
		start(&others[i], false);
	}
	end(run);
	applied = run->applied;
	for (int i = 0; i < 3; i++) {
		database_wait(run->db, &others[i].done);
		assert_string_equal(others[i].err.text, "");
		assert_int_equal(others[i].calls, 1);
		applied += others[i].applied;
		store_close(&dbs[i].store, 1, NULL, NULL);
	}
	assert_string_equal(run->err.text, "");
	assert_int_equal(applied, 2);
	assert_int_equal(database_ask(run->db, "SELECT sum(id)"
				      " FROM dog_name"), 3);
}

static void
gives_up_when_closed(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	database_open(run->db);
	start(run, false);
	assert_false(run->done);
	database_close(run->db, 0);
	assert_int_equal(run->calls, 1);
	assert_int_not_equal(run->err.cond, ERROR_NONE);
}

/* The real ones. */
static void
knows_the_rooms(void **state)
{
	struct run *run = *state;
	const char *top = getenv("ANNEX_SRCDIR");

	snprintf(run->folder, sizeof(run->folder), "%.100s/schema/muc",
		 top != NULL ? top : ".");
	database_open(run->db);
	migrate_run(run->db->store, run->folder, "muc", false, on_end, run);
	end(run);
	assert_string_equal(run->err.text, "");
	assert_true(run->applied > 0);
}

static void
waits_for_the_database(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	run->db->settings.read_timeout_secs = 1;
	database_postgres("kill");
	database_open(run->db);
	start(run, false);
	/* Longer than a read waits. */
	database_run(run->db, 2500);
	assert_false(run->done);
	database_postgres("start");
	end(run);
	assert_string_equal(run->err.text, "");
	assert_int_equal(run->applied, 1);
}

/* The table is locked, so the server dies in the middle of the second. */
static void
survives_a_kill(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	put(run, "0002-more.sql", "INSERT INTO dog_name VALUES (2, 'x');"
	    "SELECT pg_sleep(0.5)");
	database_open(run->db);
	start(run, false);
	database_run(run->db, 300);
	assert_false(run->done);
	database_postgres("kill");
	database_postgres("start");
	end(run);
	assert_string_equal(run->err.text, "");
	assert_int_equal(database_ask(run->db, "SELECT sum(id)"
				      " FROM dog_name"), 3);
	assert_int_equal(database_ask(run->db, NOTED), 2);
}

static void
wants_privileges(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	database_open(run->db);
	database_sql("ALTER SCHEMA public OWNER TO postgres;"
		     "GRANT USAGE ON SCHEMA public TO annex");
	assert_refuses(run, true, "role \"annex\" may not create tables in "
		       "schema \"public\"");
	assert_refuses(run, false, "GRANT USAGE, CREATE ON SCHEMA \"public\" "
		       "TO \"annex\"");
	database_sql("ALTER SCHEMA public OWNER TO annex");
	assert_applies(run, 1);

	database_sql("ALTER TABLE dog_name OWNER TO postgres;"
		     "GRANT ALL ON dog_name TO annex");
	assert_applies(run, 0);
	put(run, "0002-more.sql", second);
	assert_refuses(run, true, "table \"dog_name\" in schema \"public\" "
		       "belongs to role \"postgres\", so role \"annex\"");
	database_sql("REVOKE DELETE ON dog_name FROM annex");
	assert_refuses(run, false, "role \"annex\" may not read and write "
		       "table \"dog_name\" of role \"postgres\"");
	database_sql("ALTER TABLE dog_name OWNER TO annex");
	assert_applies(run, 1);
	database_sql("ALTER TABLE annex_migration OWNER TO postgres");
	assert_refuses(run, false, "table \"annex_migration\"");
}

static void
wants_a_schema(void **state)
{
	struct run *run = *state;

	put(run, "0001-names.sql", first);
	database_sql("DROP SCHEMA public");
	database_open(run->db);
	assert_refuses(run, false, "role \"annex\" has no schema");
	database_sql("CREATE SCHEMA annex AUTHORIZATION annex");
	assert_applies(run, 1);
	database_sql("DROP SCHEMA annex CASCADE; CREATE SCHEMA public");
}

#define CASE(function) { #function, function, new_run, free_run, NULL }

static const struct CMUnitTest cases[] = {
	CASE(applies_once),
	CASE(knows_its_dialect),
	CASE(checks_only),
	CASE(refuses_folders),
	CASE(refuses_newer_databases),
	CASE(stops_at_failures),
	CASE(says_why_the_first_fails),
	CASE(gives_up_when_closed),
	CASE(knows_the_rooms),
};

static const struct CMUnitTest postgres_cases[] = {
	CASE(applies_once_together),
	CASE(waits_for_the_database),
	CASE(survives_a_kill),
	CASE(wants_privileges),
	CASE(wants_a_schema),
};

static void
add_test(struct CMUnitTest *test, const struct CMUnitTest *from,
	 enum database_kind *kind)
{
	static char names[100][64];
	static size_t n;

	assert_true(n < ARRAY_LEN(names));
	snprintf(names[n], sizeof(names[n]), "%s %s", database_name(*kind),
		 from->name);
	*test = *from;
	test->name = names[n++];
	test->initial_state = kind;
}

int
main(void)
{
	static enum database_kind kinds[] = {
		DATABASE_NONE, DATABASE_SQLITE, DATABASE_POSTGRES,
	};
	struct CMUnitTest tests[ARRAY_LEN(kinds) * ARRAY_LEN(cases) +
				ARRAY_LEN(postgres_cases) + 1];
	size_t n = 0;

	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		for (size_t i = 0; i < ARRAY_LEN(cases); i++)
			add_test(&tests[n++], &cases[i], &kinds[kind]);
	}
	add_test(&tests[n++], &postgres_cases[0], &kinds[DATABASE_SQLITE]);
	for (size_t i = 0; i < ARRAY_LEN(postgres_cases); i++)
		add_test(&tests[n++], &postgres_cases[i],
			 &kinds[DATABASE_POSTGRES]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("migrate", tests, n, database_setup,
				       database_teardown);
}
