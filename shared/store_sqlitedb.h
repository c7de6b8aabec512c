/*
 * store_sqlitedb.h - an SQLite database, used by one thread.
 */
#ifndef SHARED_STORE_SQLITEDB_H
#define SHARED_STORE_SQLITEDB_H

#include <stdbool.h>
#include <stddef.h>

struct store_request;
struct store_sqlitedb;

/* path is NULL for a database in memory.  One that is read_only is another
   program's, and there already. */
struct store_sqlitedb *store_sqlitedb_new(const char *path, bool read_only);
void store_sqlitedb_free(struct store_sqlitedb **db);

/* Does requests in their order, as many as possible in one transaction.
   Takes those off the list that are done or refused, and appends them to
   done, durable.  Returns 0, or -1 when the rest cannot be done now;
   store_sqlitedb_why() tells why, and it may be tried again later.  With an
   empty list it only looks whether the database is there. */
int store_sqlitedb_run(struct store_sqlitedb *db, struct store_request **list,
		       struct store_request **done);
const char *store_sqlitedb_why(const struct store_sqlitedb *db);

/* Makes a request fail that takes long; from any thread. */
void store_sqlitedb_interrupt(struct store_sqlitedb *db);

#endif
