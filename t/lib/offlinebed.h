/*
 * offlinebed.h - annex-offline without a router and a database: whole stanzas
 * in, through its real handlers, whole stanzas out.
 *
 * The service is "comp.example", and listens to the shim of "example".
 */
#ifndef T_LIB_OFFLINEBED_H
#define T_LIB_OFFLINEBED_H

#include "components/offline/offline.h"
#include "t/lib/hookbed.h"

struct offlinebed {
	struct hookbed *hooks;
	struct offline_settings settings;
	struct offline *offline;
	struct store *store;
};

/* After a hello that gives it all hooks. */
struct offlinebed *offlinebed_new(void);
void offlinebed_free(struct offlinebed **bed);
/* For cmocka: the state becomes an offlinebed. */
int offlinebed_setup(void **state);
int offlinebed_teardown(void **state);

/* Lets it have a stanza, and the database answer.  Returns what was sent, as
   fake_router_sent() does. */
const char *offlinebed_receive(struct offlinebed *bed, const char *stanza);

#endif
