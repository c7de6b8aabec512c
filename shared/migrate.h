/*
 * migrate.h - brings the tables of one component up to date.
 *
 * Migrations are files NNNN-what.sql in schema/NAME/, or NNNN-what.pg.sql and
 * NNNN-what.sqlite.sql where the two must differ.  Each is applied once, in
 * order, in a transaction under a lock, and noted in the table
 * annex_migration.
 */
#ifndef SHARED_MIGRATE_H
#define SHARED_MIGRATE_H

#include <stdbool.h>

struct error;
struct store;

/* Applies what is missing of the files in directory, which is schema/NAME;
   with check, only looks whether it could be done (privileges, files, a
   database newer than the program).  The component's tables begin with its
   name and "_".  fn is called once, err NULL when all is well; applied counts
   the migrations that were, or with check would be, applied.  Waits for a
   database that is away, and fails when the store is closed. */
void migrate_run(struct store *store, const char *directory,
		 const char *component, bool check,
		 void (*fn)(void *ctx, unsigned applied,
			    const struct error *err),
		 void *ctx);

#endif
