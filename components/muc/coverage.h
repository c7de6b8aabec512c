/*
 * coverage.h - which rooms are archived, by the setting archive and their
 * owners; and what of that which is said there.
 */
#ifndef MUC_COVERAGE_H
#define MUC_COVERAGE_H

#include <stdbool.h>

struct error;
struct muc;
struct muc_settings;
struct options;
struct room;
struct xml;

enum coverage {
	COVERAGE_NONE,		/* no room */
	COVERAGE_CHOSEN,	/* those whose owners choose it */
	COVERAGE_PERSISTENT,	/* and all that last */
	COVERAGE_ALL,
};

/* Of a value of the setting; COVERAGE_NONE of what is none. */
enum coverage coverage_of(const char *archive);
/* The settings archive and archive_unwanted.  Returns 0, or -1 with err->text
   and which of them. */
int coverage_check(const struct muc_settings *settings, const char **which_r,
		   struct error *err);

/* Whether the owners of rooms choose what is archived. */
bool coverage_is_chosen(const struct muc *muc);
/* Whether rooms with such options are archived. */
bool coverage_has(const struct muc *muc, const struct options *options);
/* The same, or whether all that is said is logged by others (status 170). */
bool coverage_is_logged(const struct muc *muc, const struct options *options);

/* Whether the message, to the room by an occupant, is to be archived. */
bool coverage_wants(const struct room *room, const struct xml *message);
/* The same of one that asks not to be stored, and is to be seen by auditors
   alone. */
bool coverage_wants_unseen(const struct room *room,
			   const struct xml *message);

#endif
