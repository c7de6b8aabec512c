/*
 * archivebed.h - a database with the archive's tables.
 */
#ifndef T_LIB_ARCHIVEBED_H
#define T_LIB_ARCHIVEBED_H

#include <stddef.h>

#include "t/lib/database.h"

struct archive_row;
struct CMUnitTest;

/* Open; freed as any other. */
struct database *archivebed_new(enum database_kind kind);
/* Stores any number of messages. */
void archivebed_write(struct database *db, const struct archive_row *rows,
		      size_t count);

/* Runs each of count tests on SQLite and then on PostgreSQL; the state of its
   setup points to an enum database_kind.  Returns as cmocka does. */
int archivebed_run(const char *name, const struct CMUnitTest *tests,
		   size_t count);

/* From now on the table "asked" has a row for each time that a month's
   partitions are asked for. */
void archivebed_count_months(struct database *db);

#endif
