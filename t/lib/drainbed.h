/*
 * drainbed.h - a journal, and the database with the archive's tables that it is
 * drained into.
 *
 * An entry is a number, which becomes time, uid ("u" and that) and id, a blank
 * and a body, which may say what it retracts.
 */
#ifndef T_LIB_DRAINBED_H
#define T_LIB_DRAINBED_H

#include <stdbool.h>

#include "t/lib/database.h"

struct archive_write;
struct drain;
struct journal;
struct metrics;
struct sqlite3;

/* How a body begins that is followed by the uid of what it retracts. */
#define DRAINBED_RETRACTS "not "
#define DRAINBED_COUNT "SELECT count(*) FROM archive_message"

struct drainbed {
	struct database *db;
	char path[128], schema[256];
	struct metrics *metrics;	/* of the journal and the drain */
	struct journal *journal;
	struct archive_write *write;
	struct drain *drain;
	unsigned sent, told;
	bool open, closed;
	unsigned taken;		/* the number that was read last */
	struct sqlite3 *other;	/* has the lock while the database is away */
};

/* For archivebed_run(); the state becomes one. */
int drainbed_setup(void **state);
int drainbed_teardown(void **state);

/* The journal; begin does not wait until it is open. */
void drainbed_begin_journal(struct drainbed *bed);
void drainbed_open_journal(struct drainbed *bed);
void drainbed_close_journal(struct drainbed *bed);
/* The drain; end closes the journal as well. */
void drainbed_begin(struct drainbed *bed);
void drainbed_end(struct drainbed *bed);
/* The database. */
void drainbed_go_away(struct drainbed *bed);
void drainbed_come_back(struct drainbed *bed);
/* From now on it refuses messages of the body "poison". */
void drainbed_refuse_poison(struct drainbed *bed);

/* Puts an entry into the journal; the same, of parts; those of all numbers from
   first to last. */
void drainbed_put_text(struct drainbed *bed, const char *text);
void drainbed_put(struct drainbed *bed, unsigned number, const char *body);
void drainbed_put_many(struct drainbed *bed, unsigned first, unsigned last);
/* Until the journal has them; and until nothing waits there, and so many were
   put aside. */
void drainbed_wait_told(struct drainbed *bed);
void drainbed_wait_drained(struct drainbed *bed, unsigned aside);

long long drainbed_metric(struct drainbed *bed, const char *name);
void drainbed_wait_metric(struct drainbed *bed, const char *name,
			  long long value);
/* That the messages from 1 to last are there, each once. */
void drainbed_assert_written(struct drainbed *bed, unsigned last);

#endif
