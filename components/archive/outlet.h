/*
 * outlet.h - the way of messages out of the journal, into the database.
 *
 * It begins once it is known by which number we write (archive_writer.h); until
 * then, and while the database is away, they wait in the journal.
 */
#ifndef ARCHIVE_OUTLET_H
#define ARCHIVE_OUTLET_H

#include <stdint.h>

struct archive;
struct drain_wait;
struct outlet;

struct outlet *outlet_new(struct archive *archive);
/* How old the oldest message is that waits; 0: none does; -1: as long as it has
   not begun, nobody knows. */
int64_t outlet_oldest_secs(const struct outlet *outlet);
/* Why messages wait though the database is there; NULL: they do not. */
const char *outlet_trouble(const struct outlet *outlet);

enum outlet_settling {
	OUTLET_SETTLED,		/* the database has all that came */
	OUTLET_AWAITED,		/* it will be told when it has */
	OUTLET_BEHIND,		/* that would take too long */
};

/* Whether the database has all messages that came so far; it has wait->fn
   called once it does (drain.h), where that may be soon. */
enum outlet_settling outlet_await(struct outlet *outlet,
				  struct drain_wait *wait);

/* Nothing more is taken from the journal, which may be closed then. */
void outlet_stop(struct outlet *outlet);
/* Once it was stopped, the store is closed, and nobody asks for metrics. */
void outlet_free(struct outlet **outlet);

#endif
