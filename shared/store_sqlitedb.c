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
#include <uv.h>

#include "shared/error.h"
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

int
store_sqlitedb_fail(struct store_sqlitedb *db)
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

int
store_sqlitedb_exec(struct store_sqlitedb *db, const char *sql)
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
	if (store_sqlitedb_exec(db, "PRAGMA journal_mode = WAL;"
				"PRAGMA journal_size_limit = 67108864;"
				"PRAGMA wal_autocheckpoint = 16384;"
				"PRAGMA cache_size = -16384;"
				"PRAGMA synchronous = FULL;"
				"PRAGMA foreign_keys = ON") != SQLITE_OK)
		return store_sqlitedb_fail(db);
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
		return store_sqlitedb_fail(db);
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
int
store_sqlitedb_open(struct store_sqlitedb *db, bool writing)
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

void
store_sqlitedb_close(struct store_sqlitedb *db)
{
	if (db->path != NULL)
		close_db(db);
}

sqlite3 *
store_sqlitedb_handle(const struct store_sqlitedb *db)
{
	return db->db;
}

int
store_sqlitedb_find(struct store_sqlitedb *db, const char *sql,
		    struct store_sqlitestmt **stmt_r)
{
	return store_sqlitestmt_find(&db->cache, db->db, sql, stmt_r);
}
