#include "shared/store_sqlitedb.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>
#include <uv.h>

#include "shared/error.h"
#include "shared/store-private.h"
#include "shared/store_sqlitefold.h"
#include "shared/store_sqlitestmt.h"

/* How long another process may hold the lock before it counts as away. */
#define BUSY_MS 1000

enum store_sqlitedb_mode {
	MODE_CLOSED,
	MODE_UNBORN,	/* no file yet; an empty database answers reads */
	MODE_OPEN,
};

struct store_sqlitedb {
	const char *path;
	bool read_only;
	enum store_sqlitedb_mode mode;
	sqlite3 *db;
	uv_mutex_t mutex;	/* for db, when another thread interrupts */
	struct store_sqlitestmt *cache;
	char why[400];
};

enum verdict {
	VERDICT_DONE,
	VERDICT_REFUSED,
	VERDICT_AWAY,	/* later, perhaps */
	VERDICT_ALONE,	/* undone, and must be done on its own */
};

struct store_sqlitedb *
store_sqlitedb_new(const char *path, bool read_only)
{
	struct store_sqlitedb *db = calloc(1, sizeof(*db));

	ensure(db != NULL);
	db->path = path;
	db->read_only = read_only;
	ensure(uv_mutex_init(&db->mutex) == 0);
	return db;
}

static void
close_db(struct store_sqlitedb *db)
{
	sqlite3 *closing = db->db;

	store_sqlitestmt_clear(&db->cache);
	uv_mutex_lock(&db->mutex);
	db->db = NULL;
	uv_mutex_unlock(&db->mutex);
	/* An interrupt that found nothing to stop would stop the last
	   checkpoint, unless another statement comes first. */
	if (closing != NULL)
		sqlite3_exec(closing, "SELECT 1", NULL, NULL, NULL);
	sqlite3_close(closing);
	db->mode = MODE_CLOSED;
}

void
store_sqlitedb_free(struct store_sqlitedb **db)
{
	if (*db == NULL)
		return;
	close_db(*db);
	uv_mutex_destroy(&(*db)->mutex);
	free(*db);
	*db = NULL;
}

const char *
store_sqlitedb_why(const struct store_sqlitedb *db)
{
	return db->why;
}

void
store_sqlitedb_interrupt(struct store_sqlitedb *db)
{
	uv_mutex_lock(&db->mutex);
	if (db->db != NULL)
		sqlite3_interrupt(db->db);
	uv_mutex_unlock(&db->mutex);
}

static int
fail(struct store_sqlitedb *db, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int
fail(struct store_sqlitedb *db, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(db->why, sizeof(db->why), fmt, args);
	va_end(args);
	return -1;
}

static int
fail_sqlite(struct store_sqlitedb *db)
{
	return fail(db, "%s: %s", db->path != NULL ? db->path : "memory",
		    sqlite3_errmsg(db->db));
}

/* Whether the file could be made. */
static int
look_at_folder(struct store_sqlitedb *db)
{
	const char *slash = strrchr(db->path, '/');
	char *folder = slash == NULL ? strdup(".") :
		       strndup(db->path, (size_t)(slash - db->path) + 1);
	struct stat st;
	int ret = 0;

	ensure(folder != NULL);
	if (stat(folder, &st) < 0)
		ret = fail(db, "%s: the folder %s: %s", db->path, folder,
			   strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		ret = fail(db, "%s: %s is not a folder", db->path, folder);
	else if (access(folder, W_OK | X_OK) < 0)
		ret = fail(db, "%s: in the folder %s no file can be made: %s",
			   db->path, folder, strerror(errno));
	free(folder);
	return ret;
}

/* Chats are nobody else's business; SQLite gives its other files the same
   rights.  Before it has the file open: closing would drop its locks. */
static int
make_file(struct store_sqlitedb *db)
{
	int fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return fail(db, "%s: %s", db->path, strerror(errno));
	close(fd);
	return 0;
}

static int
exec(struct store_sqlitedb *db, const char *sql)
{
	return sqlite3_exec(db->db, sql, NULL, NULL, NULL);
}

/* Only who writes may say how. */
static int
prepare(struct store_sqlitedb *db, const char *path)
{
	if (db->read_only)
		return 0;
	if (sqlite3_db_readonly(db->db, "main") == 1)
		return fail(db, "%s: the file cannot be written to", path);
	/* A page that is written many times between two checkpoints goes to
	   the database once; those of a large index are rarely the same.  So
	   the journal may have 64 MB, and as many pages of 4 KB. */
	if (exec(db, "PRAGMA journal_mode = WAL;"
		     "PRAGMA journal_size_limit = 67108864;"
		     "PRAGMA wal_autocheckpoint = 16384;"
		     "PRAGMA cache_size = -16384;"
		     "PRAGMA synchronous = FULL;"
		     "PRAGMA foreign_keys = ON") != SQLITE_OK)
		return fail_sqlite(db);
	return 0;
}

static int
open_file(struct store_sqlitedb *db, const char *path)
{
	int flags = db->read_only ? SQLITE_OPEN_READONLY :
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	sqlite3 *opened = NULL;
	int ret = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX,
				  NULL);

	ensure(opened != NULL);
	uv_mutex_lock(&db->mutex);
	db->db = opened;
	uv_mutex_unlock(&db->mutex);
	if (ret != SQLITE_OK || store_sqlitefold_add(opened) != SQLITE_OK)
		return fail_sqlite(db);
	sqlite3_busy_timeout(opened, BUSY_MS);
	return prepare(db, path);
}

static int
become(struct store_sqlitedb *db, enum store_sqlitedb_mode mode,
       const char *path)
{
	close_db(db);
	if (open_file(db, path) < 0) {
		close_db(db);
		return -1;
	}
	db->mode = mode;
	return 0;
}

/* What is no file, such as a pipe, might be waited for without an end. */
static int
look_at_file(struct store_sqlitedb *db)
{
	struct stat st;

	if (stat(db->path, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	return fail(db, "%s: it is no file", db->path);
}

/* A file is not made before something is to be written: who only looks
   (--check) leaves nothing behind, least of all files of another user. */
static int
open_db(struct store_sqlitedb *db, bool writing)
{
	struct stat st;

	if (db->mode == MODE_OPEN)
		return 0;
	if (db->path == NULL)
		return become(db, MODE_OPEN, ":memory:");
	if (db->read_only)
		return look_at_file(db) < 0 ? -1 :
		       become(db, MODE_OPEN, db->path);
	if (stat(db->path, &st) < 0) {
		if (errno == ENOENT && db->mode == MODE_UNBORN && !writing)
			return 0;
		if (look_at_folder(db) < 0)
			return -1;
		if (!writing)
			return become(db, MODE_UNBORN, ":memory:");
	}
	if (make_file(db) < 0)
		return -1;
	return become(db, MODE_OPEN, db->path);
}

/* What may be different later, without anybody changing the statement. */
static bool
is_passing(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_NOMEM:
	case SQLITE_READONLY: case SQLITE_INTERRUPT: case SQLITE_IOERR:
	case SQLITE_CORRUPT: case SQLITE_FULL: case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL: case SQLITE_PERM: case SQLITE_NOTADB:
		return true;
	default:
		return false;
	}
}

/* When SQLite has ended the transaction by itself, what the others in it did
   is gone as well. */
static enum verdict
judge(struct store_sqlitedb *db, struct store_request *req, const char *sql,
      bool writing)
{
	int code = sqlite3_errcode(db->db);

	if (is_passing(code)) {
		fail_sqlite(db);
		return VERDICT_AWAY;
	}
	store_request_refuse(req, sql, sqlite3_errmsg(db->db));
	return writing && sqlite3_get_autocommit(db->db) != 0 ?
	       VERDICT_ALONE : VERDICT_REFUSED;
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

	if (store_sqlitestmt_find(&db->cache, db->db, values->sql,
				  &stmt) != SQLITE_OK)
		return judge(db, req, values->sql, writing);
	if ((fault = find_fault(req, values, stmt)) != NULL) {
		store_request_refuse(req, values->sql, fault);
		return VERDICT_REFUSED;
	}
	if (store_sqlitestmt_run(stmt, values, &result) != SQLITE_DONE)
		verdict = judge(db, req, values->sql, writing);
	store_sqlitestmt_reset(stmt);
	if (verdict == VERDICT_DONE) {
		store_result_free(&req->result);
		req->result = result;
	}
	return verdict;
}

/* Without a savepoint the statements before a refused one would stay. */
static enum verdict
run_request(struct store_sqlitedb *db, struct store_request *req, bool writing)
{
	bool save = req->first != req->last;
	enum verdict verdict = VERDICT_DONE;

	if (save && exec(db, "SAVEPOINT request") != SQLITE_OK)
		return judge(db, req, NULL, writing);
	for (const struct store_statement *stmt = req->first;
	     stmt != NULL && verdict == VERDICT_DONE; stmt = stmt->next)
		verdict = run_statement(db, req, stmt, writing);
	if (!save || verdict == VERDICT_AWAY || verdict == VERDICT_ALONE)
		return verdict;
	if (verdict == VERDICT_REFUSED &&
	    exec(db, "ROLLBACK TO request") != SQLITE_OK)
		return VERDICT_ALONE;
	if (exec(db, "RELEASE request") != SQLITE_OK)
		return VERDICT_ALONE;
	return verdict;
}

static void
roll_back(struct store_sqlitedb *db)
{
	if (sqlite3_get_autocommit(db->db) == 0)
		exec(db, "ROLLBACK");
}

/* Makes durable what the transaction did; alone names the one request in
   it. */
static enum verdict
commit(struct store_sqlitedb *db, struct store_request *alone)
{
	if (exec(db, "COMMIT") == SQLITE_OK)
		return VERDICT_DONE;
	if (is_passing(sqlite3_errcode(db->db))) {
		fail_sqlite(db);
		return VERDICT_AWAY;
	}
	/* A constraint that is looked at only now: whose was it? */
	if (alone != NULL)
		store_request_refuse(alone, NULL, sqlite3_errmsg(db->db));
	return alone != NULL ? VERDICT_REFUSED : VERDICT_ALONE;
}

static enum verdict
run_script(struct store_sqlitedb *db, struct store_request *req)
{
	if (exec(db, req->script) != SQLITE_OK)
		return judge(db, req, NULL, false);
	if (sqlite3_get_autocommit(db->db) == 0)
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

	if (exec(db, "BEGIN IMMEDIATE") != SQLITE_OK)
		return judge(db, req, NULL, false);
	if (req->kind == STORE_SCRIPT)
		verdict = run_script(db, req);
	else
		verdict = run_request(db, req, true);
	if (verdict == VERDICT_DONE)
		verdict = commit(db, req);
	/* There is nobody else to be spared. */
	if (verdict == VERDICT_ALONE)
		store_request_refuse(req, NULL, sqlite3_errmsg(db->db));
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

	if (writing && exec(db, "BEGIN IMMEDIATE") != SQLITE_OK) {
		fail_sqlite(db);
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

	if (open_db(db, writing || count == 0) < 0)
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
store_sqlitedb_run(struct store_sqlitedb *db, struct store_request **list,
		   struct store_request **done)
{
	int ret = *list == NULL ? open_db(db, false) : 0;
	struct store_request *req;

	while (ret == 0 && *list != NULL)
		ret = run_some(db, list, done);
	if (ret == 0)
		return 0;
	DL_FOREACH(*list, req)
		store_request_reset(req);
	/* Begin anew, except that what is in memory would be gone. */
	if (db->path != NULL)
		close_db(db);
	return -1;
}
