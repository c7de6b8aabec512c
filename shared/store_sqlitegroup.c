#include "shared/store_sqlitegroup.h"

#include <stdbool.h>
#include <stddef.h>
#include <utlist.h>

#include "shared/store-private.h"
#include "shared/store_sqlitedb.h"
#include "shared/store_sqlitestmt.h"

enum verdict {
	VERDICT_DONE,
	VERDICT_REFUSED,
	VERDICT_AWAY,	/* later, perhaps */
	VERDICT_ALONE,	/* undone, and must be done on its own */
};

/* What may be different later, without anybody changing the statement. */
static bool
is_passing(const struct store_sqlitedb *db)
{
	switch (sqlite3_errcode(store_sqlitedb_handle(db)) & 0xff) {
	case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_NOMEM:
	case SQLITE_READONLY: case SQLITE_INTERRUPT: case SQLITE_IOERR:
	case SQLITE_CORRUPT: case SQLITE_FULL: case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL: case SQLITE_PERM: case SQLITE_NOTADB:
		return true;
	default:
		return false;
	}
}

static const char *
message(const struct store_sqlitedb *db)
{
	return sqlite3_errmsg(store_sqlitedb_handle(db));
}

static bool
is_in_transaction(const struct store_sqlitedb *db)
{
	return sqlite3_get_autocommit(store_sqlitedb_handle(db)) == 0;
}

/* When SQLite has ended the transaction by itself, what the others in it did
   is gone as well. */
static enum verdict
judge(struct store_sqlitedb *db, struct store_request *req, const char *sql,
      bool writing)
{
	if (is_passing(db)) {
		store_sqlitedb_fail(db);
		return VERDICT_AWAY;
	}
	store_request_refuse(req, sql, message(db));
	return writing && !is_in_transaction(db) ? VERDICT_ALONE :
	       VERDICT_REFUSED;
}

/* What is wrong with it, or NULL. */
static const char *
find_fault(const struct store_request *req,
	   const struct store_statement *values,
	   const struct store_sqlitestmt *stmt)
{
	if (stmt->fault != NULL)
		return stmt->fault;
	if ((size_t)stmt->count != values->count)
		return "it takes another number of values";
	if (req->kind == STORE_READ && !sqlite3_stmt_readonly(stmt->stmt))
		return "a read would change something";
	return NULL;
}

static enum verdict
run_statement(struct store_sqlitedb *db, struct store_request *req,
	      const struct store_statement *values, bool writing)
{
	struct store_sqlitestmt *stmt;
	struct store_result *result = NULL;
	enum verdict verdict = VERDICT_DONE;
	const char *fault;

	if (store_sqlitedb_find(db, values->sql, &stmt) != SQLITE_OK)
		return judge(db, req, values->sql, writing);
	if ((fault = find_fault(req, values, stmt)) != NULL) {
		store_request_refuse(req, values->sql, fault);
		return VERDICT_REFUSED;
	}
	if (store_sqlitestmt_run(stmt, values, &result) != SQLITE_DONE)
		verdict = judge(db, req, values->sql, writing);
	store_sqlitestmt_reset(stmt);
	if (verdict != VERDICT_DONE) {
		store_result_free(&result);
		return verdict;
	}
	store_result_free(&req->result);
	req->result = result;
	return verdict;
}

/* Without a savepoint the statements before a refused one would stay. */
static enum verdict
run_request(struct store_sqlitedb *db, struct store_request *req, bool writing)
{
	bool save = req->first != req->last;
	enum verdict verdict = VERDICT_DONE;

	if (save && store_sqlitedb_exec(db, "SAVEPOINT request") != SQLITE_OK)
		return judge(db, req, NULL, writing);
	for (const struct store_statement *stmt = req->first;
	     stmt != NULL && verdict == VERDICT_DONE; stmt = stmt->next)
		verdict = run_statement(db, req, stmt, writing);
	if (!save || verdict == VERDICT_AWAY || verdict == VERDICT_ALONE)
		return verdict;
	if (verdict == VERDICT_REFUSED &&
	    store_sqlitedb_exec(db, "ROLLBACK TO request") != SQLITE_OK)
		return VERDICT_ALONE;
	if (store_sqlitedb_exec(db, "RELEASE request") != SQLITE_OK)
		return VERDICT_ALONE;
	return verdict;
}

static int
begin(struct store_sqlitedb *db)
{
	return store_sqlitedb_exec(db, "BEGIN IMMEDIATE");
}

static void
roll_back(struct store_sqlitedb *db)
{
	if (is_in_transaction(db))
		store_sqlitedb_exec(db, "ROLLBACK");
}

/* Makes durable what the transaction did; alone names the one request in
   it. */
static enum verdict
commit(struct store_sqlitedb *db, struct store_request *alone)
{
	if (store_sqlitedb_exec(db, "COMMIT") == SQLITE_OK)
		return VERDICT_DONE;
	if (is_passing(db)) {
		store_sqlitedb_fail(db);
		return VERDICT_AWAY;
	}
	/* A constraint that is looked at only now: whose was it? */
	if (alone != NULL)
		store_request_refuse(alone, NULL, message(db));
	return alone != NULL ? VERDICT_REFUSED : VERDICT_ALONE;
}

static enum verdict
run_script(struct store_sqlitedb *db, struct store_request *req)
{
	if (store_sqlitedb_exec(db, req->script) != SQLITE_OK)
		return judge(db, req, NULL, false);
	if (is_in_transaction(db))
		return VERDICT_DONE;
	store_request_refuse(req, NULL, "it ends the transaction it is run in");
	return VERDICT_REFUSED;
}

static void
take(struct store_request **list, struct store_request **done, size_t count)
{
	while (count-- > 0) {
		struct store_request *req = *list;

		DL_DELETE(*list, req);
		DL_APPEND(*done, req);
		if (req->outcome != STORE_REFUSED)
			req->outcome = STORE_DONE;
	}
}

/* One request in a transaction of its own. */
static enum verdict
run_alone(struct store_sqlitedb *db, struct store_request *req)
{
	enum verdict verdict;

	if (begin(db) != SQLITE_OK)
		return judge(db, req, NULL, false);
	if (req->kind == STORE_SCRIPT)
		verdict = run_script(db, req);
	else
		verdict = run_request(db, req, true);
	if (verdict == VERDICT_DONE)
		verdict = commit(db, req);
	/* There is nobody else to be spared. */
	if (verdict == VERDICT_ALONE)
		store_request_refuse(req, NULL, message(db));
	roll_back(db);
	return verdict == VERDICT_AWAY ? VERDICT_AWAY : VERDICT_DONE;
}

/* The first count requests; if they change something, in a transaction. */
static enum verdict
run_group(struct store_sqlitedb *db, struct store_request *list, size_t count,
	  bool writing)
{
	struct store_request *req = list;
	enum verdict verdict = VERDICT_DONE;

	if (writing && begin(db) != SQLITE_OK) {
		store_sqlitedb_fail(db);
		return VERDICT_AWAY;
	}
	for (; count > 0; count--, req = req->next) {
		verdict = run_request(db, req, writing);
		if (verdict == VERDICT_AWAY || verdict == VERDICT_ALONE)
			break;
		verdict = VERDICT_DONE;
	}
	if (writing && verdict == VERDICT_DONE)
		verdict = commit(db, NULL);
	if (writing)
		roll_back(db);
	return verdict;
}

static size_t
count_group(const struct store_request *list, bool *writing)
{
	size_t count = 0;

	*writing = false;
	for (; list != NULL && list->kind != STORE_SCRIPT; list = list->next) {
		*writing = *writing || list->kind == STORE_WRITE;
		count++;
	}
	return count;
}

static int
run_each(struct store_sqlitedb *db, struct store_request **list, size_t count,
	 struct store_request **done)
{
	for (; count > 0; count--) {
		store_request_reset(*list);
		if (run_alone(db, *list) == VERDICT_AWAY)
			return -1;
		take(list, done, 1);
	}
	return 0;
}

static int
run_some(struct store_sqlitedb *db, struct store_request **list,
	 struct store_request **done)
{
	bool writing;
	size_t count = count_group(*list, &writing);

	if (store_sqlitedb_open(db, writing || count == 0) < 0)
		return -1;
	if (count == 0)
		return run_each(db, list, 1, done);
	switch (run_group(db, *list, count, writing)) {
	case VERDICT_AWAY:
		return -1;
	case VERDICT_ALONE:
		return run_each(db, list, count, done);
	default:
		take(list, done, count);
		return 0;
	}
}

int
store_sqlitegroup_run(struct store_sqlitedb *db, struct store_request **list,
		      struct store_request **done)
{
	int ret = *list == NULL ? store_sqlitedb_open(db, false) : 0;
	struct store_request *req;

	while (ret == 0 && *list != NULL)
		ret = run_some(db, list, done);
	if (ret == 0)
		return 0;
	DL_FOREACH(*list, req)
		store_request_reset(req);
	store_sqlitedb_close(db);
	return -1;
}
