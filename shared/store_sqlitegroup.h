/*
 * store_sqlitegroup.h - requests that an SQLite database does together.
 */
#ifndef SHARED_STORE_SQLITEGROUP_H
#define SHARED_STORE_SQLITEGROUP_H

struct store_request;
struct store_sqlitedb;

/* Does requests in their order, as many as possible in one transaction.
   Takes those off the list that are done or refused, and appends them to
   done, durable.  Returns 0, or -1 when the rest cannot be done now;
   store_sqlitedb_why() tells why, and it may be tried again later.  With an
   empty list it only looks whether the database is there. */
int store_sqlitegroup_run(struct store_sqlitedb *db,
			  struct store_request **list,
			  struct store_request **done);

#endif
