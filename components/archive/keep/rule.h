/*
 * rule.h - which messages an archive of users' messages keeps: XEP-0313
 * section 5.1.1, and what their senders asked for (XEP-0334).
 */
#ifndef ARCHIVE_RULE_H
#define ARCHIVE_RULE_H

#include <stdbool.h>

struct stanza;

/* What may be left aside, of those that a site has to keep all the same. */
enum rule_override {
	RULE_HINTS = 1,		/* that it is not to be stored */
	RULE_TYPES = 2,		/* headline and error */
	RULE_NOTIFICATIONS = 32,	/* that it only tells what somebody has
					   published */
	RULE_ROOMS = 16,	/* that rooms have archives of their own */
};

bool rule_keeps(const struct stanza *message, unsigned overrides);
/* Whether it keeps one with more in it, of which nothing is known. */
bool rule_may_keep(const struct stanza *message, unsigned overrides);

#endif
