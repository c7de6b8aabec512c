/*
 * archivebed.h - a database with the archive's tables.
 */
#ifndef T_LIB_ARCHIVEBED_H
#define T_LIB_ARCHIVEBED_H

#include <stddef.h>
#include <stdint.h>

#include "shared/archive_row.h"
#include "t/lib/database.h"

struct CMUnitTest;

/* 2026-11-29, so that a month ends soon. */
#define ARCHIVEBED_NOW 1795976662000000

/* Open; freed as any other. */
struct database *archivebed_new(enum database_kind kind);
/* One from somebody to somebody, that came at the nth microsecond from then. */
struct archive_row archivebed_row(int64_t n, const char *uid, const char *from,
				  const char *to, unsigned ways);
/* Stores any number of messages. */
void archivebed_write(struct database *db, const struct archive_row *rows,
		      size_t count);

/* Of somebody who did something: to whom, or in which room, by his client "1",
   with details. */
struct archive_row archivebed_event(int64_t n, const char *uid, unsigned kind,
				    const char *from, const char *to);

/* Runs each of count tests on SQLite and then on PostgreSQL; the state of its
   setup points to an enum database_kind.  Returns as cmocka does. */
int archivebed_run(const char *name, const struct CMUnitTest *tests,
		   size_t count);

/* From now on the table "asked" has a row for each time that a month's
   partitions are asked for. */
void archivebed_count_months(struct database *db);

#endif
