/*
 * compliance.h - whose messages are kept though somebody asks that they are
 * not: sections of the configuration.
 *
 * What is kept for this alone is in no archive that users read: it is stored
 * as unseen (archive_row.h), for those who search all of them.
 */
#ifndef ARCHIVE_COMPLIANCE_H
#define ARCHIVE_COMPLIANCE_H

#include <stdbool.h>

#include "shared/setting.h"

struct archive_row;
struct compliance;
struct error;
struct groups;
struct stanza;

struct compliance_settings {
	const char *const *users, *const *domains, *const *groups;
	bool hints, types, preferences, retractions, rooms,
	     notifications;
};

extern const struct setting_section compliance_section;

/* Whether all of them make sense.  Returns 0, or -1 with err. */
int compliance_check(const struct setting_titled *titled,
		     const struct groups *groups, struct error *err);

/* Those that make sense.  All is copied, but for the groups. */
struct compliance *compliance_new(const struct setting_titled *titled,
				  struct groups *groups);
void compliance_free(struct compliance **compliance);

/* By which ways a copy of the message that has these ways is to be kept; 0: it
   is not, nor is anything of type groupchat.  cut: there was more in it, of
   which nothing is known. */
unsigned compliance_ways(const struct compliance *compliance,
			 const struct stanza *message, unsigned ways,
			 bool cut);

/* Whether a copy is to be kept of what is said in a room that is not kept here;
   everybody: of all people, as far as nobody asks that it is not. */
bool compliance_hears(const struct compliance *compliance,
		      const struct stanza *message, bool everybody, bool cut);

/* What else does not count, beside enum rule_override. */
enum compliance_override {
	COMPLIANCE_PREFERENCES = 4,
	COMPLIANCE_RETRACTIONS = 8,
};

/* Whether that does not count for what is from the row's sender, or to its
   recipient. */
bool compliance_overrides(const struct compliance *compliance,
			  enum compliance_override what,
			  const struct archive_row *row);

#endif
