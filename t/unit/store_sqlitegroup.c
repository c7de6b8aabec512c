#include "shared/store_sqlitegroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include <cmocka.h>

#include "shared/store-private.h"
#include "shared/store_sqlitedb.h"
#include "t/lib/database.h"

#define TABLE "CREATE TABLE said (id BIGINT PRIMARY KEY, text TEXT)"
#define INSERT "INSERT INTO said VALUES ($1, 'x')"
#define SAY INSERT " ON CONFLICT (id) DO UPDATE SET text = 'x'"
#define COUNT "SELECT count(*) FROM said"

static char path[200];
static struct store_sqlitedb *db;
static struct store_request *list, *done;

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

static void
forget(struct store_request **from)
{
	while (*from != NULL) {
		struct store_request *req = *from;

		DL_DELETE(*from, req);
		store_request_free(&req);
	}
}

static int
teardown(void **state)
{
	(void)state;
	forget(&list);
	forget(&done);
	store_sqlitedb_free(&db);
	database_remove_file(path);
	return 0;
}

/* Of one statement without values. */
static struct store_request *
add(enum store_kind kind, const char *sql)
{
	struct store_request *req = store_request_new(kind);

	if (kind == STORE_SCRIPT)
		req->script = strdup(sql);
	else
		store_request_add(req, sql, NULL, 0);
	DL_APPEND(list, req);
	return req;
}

static struct store_request *
say(int64_t id)
{
	struct store_request *req = store_request_new(STORE_WRITE);

	store_request_add(req, SAY, STORE_VALUES(store_int(id)));
	DL_APPEND(list, req);
	return req;
}

/* All that were added are taken. */
static void
run(void)
{
	assert_int_equal(store_sqlitegroup_run(db, &list, &done), 0);
	assert_null(list);
}

static int64_t
ask(const char *sql)
{
	struct store_request *req = add(STORE_READ, sql);

	run();
	assert_int_equal(req->outcome, STORE_DONE);
	return store_get_int(req->result, 0, 0);
}

/* Who only reads, or looks, leaves no file behind. */
static void
makes_a_file_to_write(void **state)
{
	struct stat st;

	(void)state;
	run();
	assert_int_equal(ask("SELECT count(*) FROM sqlite_master"), 0);
	assert_int_equal(stat(path, &st), -1);
	add(STORE_WRITE, TABLE);
	run();
	assert_int_equal(stat(path, &st), 0);
}

/* What is another program's is refused for the time being: it may be given
   rights. */
static void
writes_nothing_where_it_may_not(void **state)
{
	struct store_request *req;

	(void)state;
	add(STORE_WRITE, TABLE);
	run();
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(path, true);
	req = add(STORE_WRITE, "DELETE FROM said");
	assert_int_equal(store_sqlitegroup_run(db, &list, &done), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), "readonly"));
	assert_ptr_equal(list, req);
	forget(&list);
	assert_int_equal(ask(COUNT), 0);
}

/* What cannot be used now is opened anew the next time; but what is in memory
   would be gone. */
static void
keeps_what_is_in_memory(void **state)
{
	(void)state;
	store_sqlitedb_free(&db);
	db = store_sqlitedb_new(NULL, false);
	add(STORE_WRITE, TABLE);
	say(1);
	run();
	assert_int_equal(store_sqlitedb_exec(
		db, "PRAGMA max_page_count = 2"), SQLITE_OK);
	add(STORE_WRITE, "INSERT INTO said VALUES (2, zeroblob(100000))");
	assert_int_equal(store_sqlitegroup_run(db, &list, &done), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), "full"));
	forget(&list);
	assert_int_equal(ask(COUNT), 1);
}

static void
takes_requests_in_their_order(void **state)
{
	struct store_request *reqs[5];

	(void)state;
	reqs[0] = add(STORE_WRITE, TABLE);
	reqs[1] = add(STORE_READ, COUNT);
	reqs[2] = add(STORE_SCRIPT, "INSERT INTO said VALUES (1, 'a');"
		      "INSERT INTO said VALUES (2, 'b')");
	reqs[3] = say(3);
	reqs[4] = add(STORE_READ, COUNT);
	run();
	for (int i = 0; i < 5; i++) {
		assert_ptr_equal(done, reqs[i]);
		assert_int_equal(done->outcome, STORE_DONE);
		DL_DELETE(done, reqs[i]);
	}
	assert_null(done);
	assert_int_equal(store_get_int(reqs[1]->result, 0, 0), 0);
	assert_int_equal(store_get_int(reqs[4]->result, 0, 0), 3);
	for (int i = 0; i < 5; i++)
		store_request_free(&reqs[i]);
}

/* What it has done is undone; the others' stays. */
static void
refuses_one_of_many(void **state)
{
	struct store_request *before, *bad, *after;

	(void)state;
	add(STORE_WRITE, TABLE);
	before = say(1);
	bad = say(2);
	store_request_add(bad, INSERT, STORE_VALUES(store_int(1)));
	after = say(3);
	assert_int_equal(ask("SELECT sum(id) FROM said"), 4);
	assert_int_equal(before->outcome, STORE_DONE);
	assert_int_equal(bad->outcome, STORE_REFUSED);
	assert_string_equal(bad->refused_sql, INSERT);
	assert_non_null(strstr(bad->refusal, "said.id"));
	assert_int_equal(after->outcome, STORE_DONE);
}

static void
reads_change_nothing(void **state)
{
	struct store_request *req;

	(void)state;
	add(STORE_WRITE, TABLE);
	say(1);
	req = add(STORE_READ, "DELETE FROM said");
	assert_int_equal(ask(COUNT), 1);
	assert_int_equal(req->outcome, STORE_REFUSED);
}

/* One that ends the transaction it shares with others must not harm them. */
static void
transactions_are_ours(void **state)
{
	static const char *const sql[] = { "COMMIT", "ROLLBACK", "BEGIN" };

	(void)state;
	add(STORE_WRITE, TABLE);
	run();
	for (int i = 0; i < 3; i++) {
		struct store_request *bad, *last;

		say(i);
		bad = add(STORE_WRITE, sql[i]);
		last = say(i + 10);
		run();
		assert_int_equal(bad->outcome, STORE_REFUSED);
		assert_int_equal(last->outcome, STORE_DONE);
		assert_int_equal(ask(COUNT), 2 * i + 2);
	}
}

/* They stay on the list, as new, for the next time. */
static void
keeps_what_cannot_be_done_now(void **state)
{
	struct store_request *req = add(STORE_WRITE, TABLE);

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_sqlitegroup_run(db, &list, &done), -1);
	assert_non_null(strstr(store_sqlitedb_why(db), path));
	assert_ptr_equal(list, req);
	assert_null(done);
	assert_int_equal(req->outcome, STORE_UNDONE);
	assert_int_equal(rmdir(path), 0);
	run();
	assert_int_equal(req->outcome, STORE_DONE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(makes_a_file_to_write),
		TEST(writes_nothing_where_it_may_not),
		TEST(keeps_what_is_in_memory),
		TEST(takes_requests_in_their_order),
		TEST(refuses_one_of_many),
		TEST(reads_change_nothing),
		TEST(transactions_are_ours),
		TEST(keeps_what_cannot_be_done_now),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_sqlitegroup", tests,
					   make_folder, database_teardown);
}
