#include "shared/store_sqlitedb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/store_sqlitestmt.h"
#include "t/lib/database.h"

#define TABLE "CREATE TABLE said (id BIGINT PRIMARY KEY, text TEXT)"
#define COUNT "SELECT count(*) FROM said"
#define TABLES "SELECT count(*) FROM sqlite_master WHERE type = 'table'"

static char path[200];
static struct store_sqlitedb *db;

static int
make_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

static int
setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/db.db", database_folder());
	db = store_sqlitedb_new(path, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_sqlitedb_free(&db);
	assert_null(db);
	store_sqlitedb_free(&db);
	database_remove_file(path);
	return 0;
}

static void
exec(const char *sql)
{
	assert_int_equal(store_sqlitedb_exec(db, sql), SQLITE_OK);
}

/* By a statement that is prepared once. */
static int
ask(const char *sql)
{
	struct store_sqlitestmt *stmt, *again;
	int answer;

	assert_int_equal(store_sqlitedb_find(db, sql, &stmt), SQLITE_OK);
	assert_int_equal(store_sqlitedb_find(db, sql, &again), SQLITE_OK);
	assert_ptr_equal(stmt, again);
	assert_int_equal(sqlite3_step(stmt->stmt), SQLITE_ROW);
	answer = sqlite3_column_int(stmt->stmt, 0);
	store_sqlitestmt_reset(stmt);
	return answer;
}

/* As another process would. */
static sqlite3 *
make_table(void)
{
	sqlite3 *other;

	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, TABLE, NULL, NULL, NULL),
			 SQLITE_OK);
	return other;
}

static void
makes_no_file_to_read(void **state)
{
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_sqlitedb_open(db, false), 0);
		assert_int_equal(ask(TABLES), 0);
		assert_int_equal(stat(path, &st), -1);
	}
	/* When somebody else has made it, it is seen. */
	sqlite3_close(make_table());
	assert_int_equal(store_sqlitedb_open(db, false), 0);
	assert_int_equal(ask(TABLES), 1);
}

/* In memory and in a file. */
static void
lowers_all_letters(void **state)
{
	static const char sql[] = "SELECT lower('\u00c4') = '\u00e4'";

	(void)state;
	assert_int_equal(store_sqlitedb_open(db, false), 0);
	assert_int_equal(ask(sql), 1);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(ask(sql), 1);
}

static void
makes_a_private_file(void **state)
{
	struct stat st;
	mode_t mask = umask(022);
	int ret = store_sqlitedb_open(db, true);

	(void)state;
	umask(mask);
	assert_int_equal(ret, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

/* What another program has stays as it is, were it but how it is written. */
static void
only_reads_what_is_not_ours(void **state)
{
	sqlite3 *other = make_table();
	struct stat st;

	(void)state;
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(path, true);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(ask(COUNT), 0);
	assert_int_equal(ask("SELECT journal_mode = 'delete' FROM"
			     " pragma_journal_mode"), 1);
	assert_int_equal(store_sqlitedb_exec(db, "DELETE FROM said"),
			 SQLITE_READONLY);
	sqlite3_close(other);
	store_sqlitedb_free(&db);
	unlink(path);
	db = store_sqlitedb_new(path, true);
	assert_int_equal(store_sqlitedb_open(db, true), -1);
	assert_int_equal(stat(path, &st), -1);
}

/* Of a pipe into which nobody writes; the alarm ends who waits for it. */
static void
waits_for_no_pipe(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(path, true);
	alarm(20);
	assert_int_equal(store_sqlitedb_open(db, false), -1);
	alarm(0);
	assert_non_null(strstr(store_sqlitedb_why(db), "it is no file"));
}

static void
is_durable(void **state)
{
	(void)state;
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(ask("SELECT synchronous FROM pragma_synchronous"), 2);
	assert_int_equal(ask("SELECT journal_mode = 'wal' FROM"
			     " pragma_journal_mode"), 1);
	assert_int_equal(ask("SELECT foreign_keys FROM pragma_foreign_keys"),
			 1);
}

/* It is gone with the database, and not before. */
static void
lives_in_memory(void **state)
{
	(void)state;
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(NULL, false);
	assert_int_equal(store_sqlitedb_open(db, false), 0);
	exec(TABLE);
	store_sqlitedb_close(db);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(ask(COUNT), 0);
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(NULL, false);
	assert_int_equal(store_sqlitedb_open(db, false), 0);
	assert_int_equal(ask(TABLES), 0);
}

/* Be it another file by then. */
static void
is_opened_anew(void **state)
{
	(void)state;
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	exec(TABLE);
	assert_int_equal(ask(COUNT), 0);
	store_sqlitedb_close(db);
	store_sqlitedb_close(db);
	assert_null(store_sqlitedb_handle(db));
	database_remove_file(path);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(ask(TABLES), 0);
}

static void
says_why_it_cannot_be_used(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_sqlitedb_open(db, true), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	store_sqlitedb_free(&db);
	snprintf(path, sizeof(path), "%s/none/db.db", database_folder());
	db = store_sqlitedb_new(path, false);
	/* So that it is known before something is to be written. */
	assert_int_equal(store_sqlitedb_open(db, false), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), "the folder "));
}

static void
notes_what_sqlite_said(void **state)
{
	struct store_sqlitestmt *stmt;

	(void)state;
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	assert_int_equal(store_sqlitedb_exec(db, "SELECT nobody"),
			 SQLITE_ERROR);
	assert_int_equal(store_sqlitedb_fail(db), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), path));
	assert_non_null(strstr(store_sqlitedb_why(db),
			       "no such column: nobody"));
	assert_int_equal(store_sqlitedb_find(db, "SELECT 1 FROM nowhere",
					     &stmt), SQLITE_ERROR);
	store_sqlitedb_fail(db);
	assert_non_null(strstr(store_sqlitedb_why(db),
			       "no such table: nowhere"));
}

/* There is nothing to be stopped, neither before nor after. */
static void
is_interrupted_in_vain(void **state)
{
	(void)state;
	store_sqlitedb_interrupt(db);
	assert_int_equal(store_sqlitedb_open(db, true), 0);
	exec(TABLE);
	store_sqlitedb_interrupt(db);
	assert_int_equal(ask(COUNT), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(makes_no_file_to_read),
		TEST(lowers_all_letters),
		TEST(makes_a_private_file),
		TEST(only_reads_what_is_not_ours),
		TEST(waits_for_no_pipe),
		TEST(is_durable),
		TEST(lives_in_memory),
		TEST(is_opened_anew),
		TEST(says_why_it_cannot_be_used),
		TEST(notes_what_sqlite_said),
		TEST(is_interrupted_in_vain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_sqlitedb", tests,
					   make_folder, database_teardown);
}
