/*
 * offlinebed.h - annex-offline without a router and a database: whole stanzas
 * in, through its real handlers, whole stanzas out.
 *
 * The service is "comp.example", and listens to the shim of "example".
 */
#ifndef T_LIB_OFFLINEBED_H
#define T_LIB_OFFLINEBED_H

#include <stdbool.h>
#include <stdint.h>

#include "components/offline/offline.h"
#include "t/lib/hookbed.h"

struct calls;

struct offlinebed {
	struct hookbed *hooks;
	struct calls *calls;
	struct offline_settings settings;
	struct offline *offline;
	struct store *store;
	size_t answers;		/* of the database, to the latest command */
};

/* After a hello that gives it all hooks. */
struct offlinebed *offlinebed_new(void);
void offlinebed_free(struct offlinebed **bed);
/* For cmocka: the state becomes an offlinebed. */
int offlinebed_setup(void **state);
int offlinebed_teardown(void **state);
#define OFFLINEBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, offlinebed_setup, \
					offlinebed_teardown)

/* Whether it has nothing left to do. */
bool offlinebed_has_stopped(void);

/* Lets it have a stanza, and the database answer.  Returns what was sent, as
   fake_router_sent() does. */
const char *offlinebed_receive(struct offlinebed *bed, const char *stanza);

/* Has an operator use a command: fields, each as "name=value", end with NULL.
   Returns its rows, cells separated by "|", and what it said, a line each; or
   "error: " and why. */
const char *offlinebed_command(struct offlinebed *bed, const char *name,
			       const char *const *fields);
#define OFFLINEBED_COMMAND(bed, name, ...) \
	offlinebed_command(bed, name, \
			   (const char *const[]){ __VA_ARGS__, NULL })

/* Puts that many messages of a user's into the database: "no 1" with id x1 and
   so on, from sender, which has no resource. */
void offlinebed_fill(struct offlinebed *bed, const char *jid, int count,
		     const char *sender);
/* How many messages there are, as in "jid = 'j@example'". */
int64_t offlinebed_stored(struct offlinebed *bed, const char *where);

#endif
