/*
 * sieve.h - which messages a command is about, by its fields.
 */
#ifndef ARCHIVE_SIEVE_H
#define ARCHIVE_SIEVE_H

#include "components/archive/command/period.h"
#include "shared/archive_search.h"
#include "shared/command.h"

struct call;
struct error;

/* The fields of a command that has them all. */
#define SIEVE_FIELDS \
	COMMAND_FIELD("participant", JID, "Only messages from or to them, or " \
					  "shown to them in a room"), \
	COMMAND_FIELD("with", JID, "Of these, only those with them"), \
	COMMAND_FIELD("room", JID, "Only what was said in it, by the " \
				   "participant", .person = true), \
	COMMAND_FIELD("shown", JID, "Only what was said in rooms, by the " \
				    "participant, and shown to them"), \
	PERIOD_FIELDS, \
	COMMAND_FIELD("text", TEXT, "Only with all of these words")

/* What is in the filter lives as long as the call.  Returns 0, or -1 with
   ERROR_BAD_REQUEST, the text naming the field. */
int sieve_read(const struct call *call, struct archive_search_filter *filter_r,
	       struct error *err);

/* The serial of the field "before"; where it is not given nothing is changed.
   Returns the same. */
int sieve_read_before(const struct call *call, int64_t *before,
		      struct error *err);

#endif
