/*
 * store_sqlitestmt.h - the statements that an SQLite connection has prepared.
 */
#ifndef SHARED_STORE_SQLITESTMT_H
#define SHARED_STORE_SQLITESTMT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <uthash.h>

struct store_result;
struct store_statement;

struct store_sqlitestmt {
	const char *sql;	/* known by its address */
	sqlite3_stmt *stmt;
	int count;		/* parameters */
	int *index;		/* SQLite's of $1, $2... */
	const char *fault;	/* why it cannot be run, or NULL */
	UT_hash_handle hh;
};

/* Prepares what is not in the cache, which is NULL when empty.  Returns
   SQLite's code. */
int store_sqlitestmt_find(struct store_sqlitestmt **cache, sqlite3 *db,
			  const char *sql, struct store_sqlitestmt **stmt_r);

/* Returns SQLITE_DONE with a result, or another code without. */
int store_sqlitestmt_run(struct store_sqlitestmt *stmt,
			 const struct store_statement *values,
			 struct store_result **result_r);

/* After that code was looked at: sqlite3_errcode() changes. */
void store_sqlitestmt_reset(struct store_sqlitestmt *stmt);

void store_sqlitestmt_clear(struct store_sqlitestmt **cache);

#endif
