/*
 * disclosure.h - telling people that what they say to each other is archived,
 * where a section of the configuration wants that.
 *
 * Both are told after the first message between them, and again when one comes
 * after the section's interval; those of other servers only if it says so.  It
 * is told by a message that no archive keeps, and an answer to that is no
 * conversation.  Rooms tell it by themselves (annex-muc).
 */
#ifndef ARCHIVE_DISCLOSURE_H
#define ARCHIVE_DISCLOSURE_H

#include <stdbool.h>

#include "shared/setting.h"

struct archive;
struct archive_settings;
struct error;
struct groups;
struct hook_event;

struct disclosure_settings {
	const char *text;
	const char *from;	/* "": the service's address */
	unsigned interval;
	/* None of these: everybody. */
	const char *const *users, *const *domains, *const *groups;
	bool outside;
};

extern const struct setting_section disclosure_section;

/* Returns 0, or -1 with err. */
int disclosure_check(const struct archive_settings *settings,
		     const struct groups *groups, struct error *err);

/* A copy of a message came. */
void disclosure_take(struct archive *archive, const struct hook_event *event);

#endif
