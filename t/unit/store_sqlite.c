#include "shared/store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "t/lib/database.h"

#define PATH_SIZE 128
#define TABLE "CREATE TABLE IF NOT EXISTS said" \
	      " (id BIGINT PRIMARY KEY, text TEXT)"
#define SAY "INSERT INTO said VALUES ($1, $2)" \
	    " ON CONFLICT (id) DO UPDATE SET text = excluded.text"
#define COUNT "SELECT count(*) FROM said"

static int
make_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

static int
new_database(void **state)
{
	*state = database_new(DATABASE_SQLITE);
	return 0;
}

static const char *
path_of(const struct database *db)
{
	return db->url + strlen("sqlite:");
}

static void
say(struct database *db, int64_t id, const char *text,
    struct database_answer *answer)
{
	store_write(db->store, SAY,
		    STORE_VALUES(store_int(id), store_text(text)),
		    answer != NULL ? database_take : NULL, answer);
}

static sqlite3 *
open_beside(const struct database *db)
{
	sqlite3 *other;

	assert_int_equal(sqlite3_open(path_of(db), &other), SQLITE_OK);
	return other;
}

static void
exec_beside(sqlite3 *other, const char *sql)
{
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL),
			 SQLITE_OK);
}

/* SQL's integer, of a connection of the test's own. */
static int
ask_beside(sqlite3 *other, const char *sql)
{
	sqlite3_stmt *stmt;
	int number;

	assert_int_equal(sqlite3_prepare_v2(other, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

static void
waits_for_its_folder(void **state)
{
	struct database *db = *state;
	char folder[PATH_SIZE];

	snprintf(folder, sizeof(folder), "%s/later", database_folder());
	snprintf(db->url, sizeof(db->url), "sqlite:%s/x.db", folder);
	database_open(db);
	database_wait_up(db, false);
	assert_non_null(strstr(db->why, folder));
	assert_non_null(strstr(db->why, "No such file or directory"));
	store_write(db->store, TABLE, NULL, 0, NULL, NULL);
	say(db, 1, "x", NULL);
	/* The same reason is told once. */
	database_run(db, 1000);
	assert_int_equal(db->downs, 1);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(database_ask(db, COUNT), 1);
	assert_true(db->up);
}

static void
waits_for_a_lock(void **state)
{
	struct database *db = *state;
	struct database_answer write = { 0 }, read = { 0 };
	sqlite3 *other;

	db->settings.read_timeout_secs = 1;
	database_open(db);
	database_do(db, TABLE);
	other = open_beside(db);
	exec_beside(other, "BEGIN IMMEDIATE");
	say(db, 1, "x", &write);
	store_read(db->store, COUNT, NULL, 0, database_take, &read);
	database_wait_up(db, false);
	assert_non_null(strstr(db->why, "database is locked"));
	assert_false(write.done);
	database_wait(db, &read.done);
	assert_int_equal(read.err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(read.err.type, ERROR_TYPE_WAIT);
	assert_int_equal(database_metric(db, "annex_store_timeouts_total"),
			 1);
	exec_beside(other, "ROLLBACK");
	database_wait(db, &write.done);
	assert_int_equal(write.err.cond, ERROR_NONE);
	assert_true(db->up);
	assert_int_equal(read.calls, 1);
	assert_int_equal(ask_beside(other, COUNT), 1);
	sqlite3_close(other);
}

static void
refuses_what_is_no_database(void **state)
{
	static const char text[] = "This is a letter, and not a database; "
		"it is long enough to hold what SQLite looks at first, "
		"which are one hundred bytes at the least.\n";
	struct database *db = *state;
	struct database_answer write = { 0 };
	FILE *out = fopen(path_of(db), "w");

	assert_non_null(out);
	for (int i = 0; i < 10; i++)
		fputs(text, out);
	fclose(out);
	database_open(db);
	database_wait_up(db, false);
	assert_non_null(strstr(db->why, path_of(db)));
	assert_non_null(strstr(db->why, "not a database"));
	store_write(db->store, TABLE, NULL, 0, database_take, &write);
	database_run(db, 300);
	assert_false(write.done);
	/* The operator brings it back. */
	assert_int_equal(unlink(path_of(db)), 0);
	database_wait(db, &write.done);
	assert_int_equal(write.err.cond, ERROR_NONE);
}

/* A page in the middle is overwritten while nobody has the file open. */
static void
says_what_is_corrupt(void **state)
{
	struct database *db = *state;
	struct database_answer write = { 0 };
	static const char junk[4096] = "junk";
	char wal[PATH_SIZE];
	struct stat st;
	int fd;

	snprintf(wal, sizeof(wal), "%.100s-wal", path_of(db));
	database_open(db);
	database_do(db, TABLE);
	for (int i = 0; i < 2000; i++)
		say(db, i, "text of some length", NULL);
	database_close(db, 30);
	assert_int_equal(stat(wal, &st), -1);	/* all is in one file */
	fd = open(path_of(db), O_WRONLY);
	assert_true(fd >= 0);
	for (off_t page = 1; page < 10; page++)
		assert_int_equal(pwrite(fd, junk, sizeof(junk), page * 4096),
				 sizeof(junk));
	close(fd);
	database_open(db);
	say(db, 5, "x", &write);
	database_wait_up(db, false);
	assert_non_null(strstr(db->why, "malformed"));
	assert_false(write.done);
	database_close(db, 0);
	assert_int_equal(db->lost, 1);
	assert_int_equal(write.err.cond, ERROR_RESOURCE_CONSTRAINT);
}

/* With a limit on the size of files the disk is as good as full. */
static void
waits_for_room(void **state)
{
	struct database *db = *state;
	struct database_answer last = { 0 };
	struct rlimit limit, was;
	char text[2000];

	signal(SIGXFSZ, SIG_IGN);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	database_open(db);
	database_do(db, TABLE);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	limit.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 100; i++)
		say(db, i, text, i == 99 ? &last : NULL);
	database_wait_up(db, false);
	assert_false(last.done);
	setrlimit(RLIMIT_FSIZE, &was);
	database_wait(db, &last.done);
	assert_int_equal(last.err.cond, ERROR_NONE);
	assert_int_equal(database_ask(db, COUNT), 100);
	assert_int_equal(database_ask(db, "SELECT min(length(text))"
				      " FROM said"), 1999);
	signal(SIGXFSZ, SIG_DFL);
}

#define CASE(function) \
	cmocka_unit_test_setup_teardown(function, new_database, database_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(waits_for_its_folder),
		CASE(waits_for_a_lock),
		CASE(refuses_what_is_no_database),
		CASE(says_what_is_corrupt),
		CASE(waits_for_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_sqlite", tests, make_folder,
					   database_teardown);
}
