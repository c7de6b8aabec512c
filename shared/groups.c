#include "shared/groups.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/section.h"

#define BLANKS " \t\r\n"

/* An address or a domain: they are never the same, unless a domain has an
   account of its own, which its members include. */
struct member {
	const char *name;
	UT_hash_handle hh;
};

struct group {
	const char *name;
	struct member *members;		/* by name */
	size_t count;
	struct group *next;
};

struct groups {
	struct arena *arena;
	struct group *first;
	unsigned users;
};

static const struct setting settings[] = {
	SETTING(LIST, groups_settings, users, "",
		"Addresses of people."),
	SETTING(LIST, groups_settings, domains, "",
		"Domains, all of whose addresses are in it; not those of "
		"subdomains."),
	{ .name = NULL }
};

const struct setting_section groups_section = {
	"group", settings, sizeof(struct groups_settings)
};

static int
add_members(struct groups *groups, struct group *group,
	    const char *const *names, bool domains, struct error *err)
{
	for (; *names != NULL; names++) {
		struct member *member;

		if (section_check_address(*names, domains, err) < 0)
			return -1;
		HASH_FIND_STR(group->members, *names, member);
		if (member != NULL)
			continue;
		if (group->count++ == GROUPS_MEMBERS_MAX)
			return error_set(err, ERROR_BAD_REQUEST, "has more "
					 "than %d members",
					 GROUPS_MEMBERS_MAX);
		member = arena_alloc(groups->arena, sizeof(*member));
		member->name = arena_strdup(groups->arena, *names);
		HASH_ADD_KEYPTR(hh, group->members, member->name,
				strlen(member->name), member);
	}
	return 0;
}

static int
add_group(struct groups *groups, const struct setting_titled *titled,
	  struct error *err)
{
	const struct groups_settings *own = titled->values;
	struct group *group = arena_alloc(groups->arena, sizeof(*group));

	group->name = arena_strdup(groups->arena, titled->title);
	group->next = groups->first;
	groups->first = group;
	if (strpbrk(titled->title, BLANKS) != NULL)
		return error_set(err, ERROR_BAD_REQUEST, "a group's name has "
				 "no blanks");
	if (add_members(groups, group, own->users, false, err) < 0 ||
	    add_members(groups, group, own->domains, true, err) < 0)
		return -1;
	if (group->count == 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "has neither users nor domains");
	return 0;
}

int
groups_new(const struct setting_titled *titled, struct groups **groups_r,
	   struct error *err)
{
	struct groups *groups = calloc(1, sizeof(*groups));
	struct error why = { 0 };
	int ret = 0;

	ensure(groups != NULL);
	groups->arena = arena_new();
	groups->users = 1;
	for (; ret == 0 && titled->title != NULL; titled++)
		if (add_group(groups, titled, &why) < 0)
			ret = error_set(err, ERROR_BAD_REQUEST,
					"\"%.60s\": %s", titled->title,
					why.text);
	if (ret < 0)
		groups_unref(&groups);
	*groups_r = groups;
	return ret;
}

struct groups *
groups_ref(struct groups *groups)
{
	if (groups != NULL)
		groups->users++;
	return groups;
}

void
groups_unref(struct groups **groups_)
{
	struct groups *groups = *groups_;

	*groups_ = NULL;
	if (groups == NULL || --groups->users > 0)
		return;
	for (struct group *group = groups->first; group != NULL;
	     group = group->next)
		HASH_CLEAR(hh, group->members);
	arena_free(&groups->arena);
	free(groups);
}

int
groups_find(const struct groups *groups, const char *name,
	    const struct group **group_r, struct error *err)
{
	const struct group *group = groups == NULL ? NULL : groups->first;

	while (group != NULL && strcmp(group->name, name) != 0)
		group = group->next;
	*group_r = group;
	return group != NULL ? 0 :
	       error_set(err, ERROR_BAD_REQUEST,
			 "there is no group \"%.60s\"", name);
}

static bool
has(const struct group *group, const char *name)
{
	struct member *member;

	HASH_FIND_STR(group->members, name, member);
	return member != NULL;
}

bool
groups_has(const struct group *group, const char *bare)
{
	const char *at = strchr(bare, '@');

	return has(group, bare) || (at != NULL && has(group, at + 1));
}

int
groups_check(const struct groups *groups, const char *const *names,
	     struct error *err)
{
	const struct group *group;

	for (; *names != NULL; names++)
		if (groups_find(groups, *names, &group, err) < 0)
			return -1;
	return 0;
}

bool
groups_any_has(const struct groups *groups, const char *const *names,
	       const char *bare)
{
	const struct group *group;
	struct error ignored;

	for (; *names != NULL; names++)
		if (groups_find(groups, *names, &group, &ignored) == 0 &&
		    groups_has(group, bare))
			return true;
	return false;
}
