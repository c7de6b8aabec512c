/*
 * tapbed.h - annex-archive without a router: whole stanzas of the shim of
 * "example" in, acks out, on an SQLite database and a journal of its own.  It
 * listens to "other" as well, which is away.
 */
#ifndef T_LIB_TAPBED_H
#define T_LIB_TAPBED_H

#include <stdbool.h>
#include <stdint.h>

#include "components/archive/archive.h"
#include "t/lib/database.h"
#include "t/lib/hookbed.h"

struct tapbed {
	struct hookbed *hooks;
	struct database *db;
	struct metrics *metrics, *others;	/* of the archive */
	char schema[256], journal[300];
	struct archive_settings settings;
	struct archive *archive;	/* NULL: it was stopped */
	bool stopping;
	struct sqlite3 *other;		/* who has locked something, or NULL */
};

/* For cmocka: a folder for all, which database_teardown() removes; and a bed,
   which the state becomes. */
int tapbed_folder(void **state);
int tapbed_setup(void **state);
int tapbed_teardown(void **state);
#define TAPBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, tapbed_setup, tapbed_teardown)

/* Starts again with the settings, and what it left behind. */
void tapbed_start(struct tapbed *bed);
/* Stops, with the database still there, and frees it. */
void tapbed_stop(struct tapbed *bed);
/* Begins with that: the link is still up, and stanzas come. */
void tapbed_begin_stop(struct tapbed *bed);
/* Nobody can write to the journal, or to the database, until that is unlocked:
   one of them at a time. */
void tapbed_lock_journal(struct tapbed *bed);
void tapbed_lock_database(struct tapbed *bed);
void tapbed_unlock(struct tapbed *bed);
/* Says hello, by that epoch. */
void tapbed_greet(struct tapbed *bed, const char *epoch);
void tapbed_link(struct tapbed *bed, bool up);

/* Lets a tap come: its attributes besides the namespace, and the message. */
void tapbed_receive(struct tapbed *bed, const char *attributes,
		    const char *message);
/* The same of a chat message of that body. */
void tapbed_tap(struct tapbed *bed, unsigned seq, const char *id,
		const char *body);

/* Runs both loops for a moment. */
void tapbed_turn(struct tapbed *bed);
/* Runs until that stands in what was sent since tapbed_sent(), until the seq is
   acknowledged there, or until the statement's first cell is that. */
void tapbed_wait_sent(struct tapbed *bed, const char *text);
void tapbed_wait_ack(struct tapbed *bed, unsigned seq);
void tapbed_wait(struct tapbed *bed, const char *sql, int64_t wanted);
/* Runs until nothing is in the journal. */
void tapbed_wait_drained(struct tapbed *bed);
/* What was sent meanwhile. */
const char *tapbed_sent(struct tapbed *bed);
/* The value of a metric, by its name with labels. */
long long tapbed_metric(struct tapbed *bed, const char *name);

#endif
