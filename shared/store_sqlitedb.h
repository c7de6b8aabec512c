/*
 * store_sqlitedb.h - an SQLite database, used by one thread: a file, or in
 * memory.
 *
 * The file is opened when something is to be done, and made when first
 * something is to be written.
 */
#ifndef SHARED_STORE_SQLITEDB_H
#define SHARED_STORE_SQLITEDB_H

#include <sqlite3.h>
#include <stdbool.h>

struct store_sqlitedb;
struct store_sqlitestmt;

/* path is NULL for a database in memory, and else outlives this.  One that is
   read_only is another program's, and there already. */
struct store_sqlitedb *store_sqlitedb_new(const char *path, bool read_only);
void store_sqlitedb_free(struct store_sqlitedb **db);

/* Opens it, if it is not, to write or only to read or look.  Returns 0, or -1
   when it cannot be used now. */
int store_sqlitedb_open(struct store_sqlitedb *db, bool writing);
/* The next time it is opened anew; one in memory, which would be gone, stays
   as it is. */
void store_sqlitedb_close(struct store_sqlitedb *db);

/* Why it could not be opened, or what was noted. */
const char *store_sqlitedb_why(const struct store_sqlitedb *db);

/* While it is open.  SQL text of any number of statements, and a prepared
   statement, which lives until it is closed: both return SQLite's code. */
int store_sqlitedb_exec(struct store_sqlitedb *db, const char *sql);
int store_sqlitedb_find(struct store_sqlitedb *db, const char *sql,
			struct store_sqlitestmt **stmt_r);
/* What SQLite itself is to be asked about. */
sqlite3 *store_sqlitedb_handle(const struct store_sqlitedb *db);
/* Notes what SQLite said last.  Returns -1. */
int store_sqlitedb_fail(struct store_sqlitedb *db);

/* Makes a statement fail that takes long; from any thread. */
void store_sqlitedb_interrupt(struct store_sqlitedb *db);

#endif
