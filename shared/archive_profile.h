/*
 * archive_profile.h - which events go into the archive: titled sections of a
 * component's configuration.
 *
 * An event is recorded when one of them wants it.  Without any, none is.
 */
#ifndef SHARED_ARCHIVE_PROFILE_H
#define SHARED_ARCHIVE_PROFILE_H

#include <stdbool.h>

#include "shared/archive_event.h"
#include "shared/setting.h"

struct error;
struct groups;

struct archive_profile_settings {
	const char *const *kinds;	/* none: all */
	/* None of all these: whoever it is about. */
	const char *const *users, *const *domains, *const *groups;
	const char *const *rooms;
};

extern const struct setting_section archive_profile_section;

/* kinds are those of the component, ended by ARCHIVE_EVENT_NONE; groups those
   that its configuration has.  Returns 0, or -1 with err. */
int archive_profile_check(const struct setting_titled *profiles,
			  const struct groups *groups,
			  const enum archive_event_kind *kinds,
			  struct error *err);

/* Whether any of them wants events of that kind, of some people. */
bool archive_profile_knows(const struct setting_titled *profiles,
			   enum archive_event_kind kind);
bool archive_profile_wants(const struct setting_titled *profiles,
			   const struct groups *groups,
			   const struct archive_event *event);

#endif
