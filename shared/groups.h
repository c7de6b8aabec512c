/*
 * groups.h - people whom the configuration names together: sections of it.
 *
 * A group is of addresses, and of domains with all of their addresses, but not
 * of their subdomains.
 */
#ifndef SHARED_GROUPS_H
#define SHARED_GROUPS_H

#include <stdbool.h>

#include "shared/setting.h"

struct error;
struct group;
struct groups;

struct groups_settings {
	const char *const *users;
	const char *const *domains;
};

extern const struct setting_section groups_section;

/* Of users and domains together, in one group. */
#define GROUPS_MEMBERS_MAX 50000

/* All is copied.  Returns 0, or -1 with ERROR_BAD_REQUEST, the text saying
   which group makes no sense; groups_r is NULL then. */
int groups_new(const struct setting_titled *titled, struct groups **groups_r,
	       struct error *err);
/* Whoever made them has the first one.  Either may be NULL, which has no
   groups. */
struct groups *groups_ref(struct groups *groups);
void groups_unref(struct groups **groups);

/* The one of that name, which lives as long as the groups.  Returns 0, or -1
   with ERROR_BAD_REQUEST: there is none. */
int groups_find(const struct groups *groups, const char *name,
		const struct group **group_r, struct error *err);

/* Whether that bare address, or domain, is one of it. */
bool groups_has(const struct group *group, const char *bare);

/* The same of lists of names, as settings have them.  Returns 0 when there are
   all of them, or -1 with ERROR_BAD_REQUEST, as above. */
int groups_check(const struct groups *groups, const char *const *names,
		 struct error *err);
/* Whether it is in one of those that there are. */
bool groups_any_has(const struct groups *groups, const char *const *names,
		    const char *bare);

#endif
