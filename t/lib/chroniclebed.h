/*
 * chroniclebed.h - a room of annex-muc with an archive: a journal and an SQLite
 * database, real ones, but nobody who enters, and no router.
 */
#ifndef T_LIB_CHRONICLEBED_H
#define T_LIB_CHRONICLEBED_H

#include <stdbool.h>
#include <stdint.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/component.h"
#include "shared/error.h"
#include "t/lib/database.h"

/* Of the journal. */
#define CHRONICLEBED_BYTES (8 << 20)

struct chroniclebed {
	struct database *db;
	char schema[256], journal[300];
	char jid[32];
	struct runtime runtime;
	const char *unwanted[2];	/* the setting archive_unwanted */
	struct muc_settings settings;
	struct muc muc;
	struct room room;	/* "r@muc.example", made at 77 */
	struct arena *arena;
	struct error err;
	bool stopped;
};

/* For cmocka: a folder for all, which database_teardown() removes; and a bed,
   which the state becomes. */
int chroniclebed_folder(void **state);
int chroniclebed_setup(void **state);
int chroniclebed_teardown(void **state);
#define CHRONICLEBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, chroniclebed_setup, \
					chroniclebed_teardown)

/* Starts with the settings; returns as chronicle_new(). */
int chroniclebed_open(struct chroniclebed *bed);
/* Stops, with the database still there. */
void chroniclebed_close(struct chroniclebed *bed);

/* What Ann says to the room, "ann@a.example/1": children of a message. */
struct request chroniclebed_request(struct chroniclebed *bed,
				    const char *children);
/* Has such a body, and more, archived by that uid. */
void chroniclebed_say(struct chroniclebed *bed, const char *uid,
		      const char *body);
/* Runs until the statement's first cell is that. */
void chroniclebed_wait(struct chroniclebed *bed, const char *sql,
		       int64_t wanted);

#endif
