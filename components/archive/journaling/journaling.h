/*
 * journaling.h - where messages are mailed to, and which: a section of the
 * configuration.
 */
#ifndef ARCHIVE_JOURNALING_H
#define ARCHIVE_JOURNALING_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/setting.h"

struct archive_row;
struct error;
struct groups;
struct journaling;
struct smtp_plan;

struct journaling_settings {
	const char *server;
	bool starttls;
	const char *ca, *cert, *key;
	const char *user, *password;
	const char *from, *to;
	const char *const *users, *const *domains, *const *groups;
	const char *const *rooms;
	const char *const *kinds;
	unsigned window;
	unsigned connections;
	unsigned timeout;
	unsigned refusals;
	unsigned alarm;
};

extern const struct setting_section journaling_section;

/* Whether all of them make sense.  Returns 0, or -1 with err. */
int journaling_check(const struct setting_titled *titled,
		     const struct groups *groups, struct error *err);

/* One of them, copied; the groups, of which it names some, stay as long. */
struct journaling *journaling_new(const struct setting_titled *titled,
				  struct groups *groups);
void journaling_free(struct journaling **journaling);

const char *journaling_title(const struct journaling *journaling);
const struct journaling_settings *journaling_settings(
	const struct journaling *journaling);
/* Lives as long as the journaling. */
void journaling_plan(const struct journaling *journaling,
		     struct smtp_plan *plan_r);

/* Whether that message is to be mailed. */
bool journaling_wants(const struct journaling *journaling,
		      const struct archive_row *row);

#endif
