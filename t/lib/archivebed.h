/*
 * archivebed.h - a database with the archive's tables.
 */
#ifndef T_LIB_ARCHIVEBED_H
#define T_LIB_ARCHIVEBED_H

#include "t/lib/database.h"

/* Open; freed as any other. */
struct database *archivebed_new(enum database_kind kind);

/* From now on the table "asked" has a row for each time that a month's
   partitions are asked for. */
void archivebed_count_months(struct database *db);

#endif
