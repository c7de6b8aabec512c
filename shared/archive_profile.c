#include "shared/archive_profile.h"

#include <string.h>

#include "shared/error.h"
#include "shared/groups.h"
#include "shared/section.h"

static const struct setting settings[] = {
	SETTING(LIST, archive_profile_settings, kinds, "",
		"Which of these; when empty, all."),
	SETTING(LIST, archive_profile_settings, users, "",
		"Addresses whose events are recorded, be it that they did "
		"something or that it was about them."),
	SETTING(LIST, archive_profile_settings, domains, "",
		"The same for all addresses of a domain."),
	SETTING(LIST, archive_profile_settings, groups, "",
		"The same for all of a group."),
	SETTING(LIST, archive_profile_settings, rooms, "",
		"Rooms whose events are recorded.  When there is nobody, no "
		"domain, no group and no room, all are."),
	{ .name = NULL }
};

const struct setting_section archive_profile_section = {
	"events", settings, sizeof(struct archive_profile_settings)
};

static int
check_kind(const char *name, const enum archive_event_kind *kinds,
	   struct error *err)
{
	enum archive_event_kind kind = archive_event_find(name);

	for (; *kinds != ARCHIVE_EVENT_NONE; kinds++)
		if (*kinds == kind)
			return 0;
	return error_set(err, ERROR_BAD_REQUEST,
			 "'%.40s' is no kind of event here", name);
}

static int
check(const struct archive_profile_settings *own, const struct groups *groups,
      const enum archive_event_kind *kinds, struct error *err)
{
	for (size_t i = 0; own->kinds[i] != NULL; i++)
		if (check_kind(own->kinds[i], kinds, err) < 0)
			return -1;
	if (section_check_addresses(own->users, false, err) < 0 ||
	    section_check_addresses(own->domains, true, err) < 0 ||
	    groups_check(groups, own->groups, err) < 0)
		return -1;
	return section_check_addresses(own->rooms, false, err);
}

int
archive_profile_check(const struct setting_titled *profiles,
		      const struct groups *groups,
		      const enum archive_event_kind *kinds, struct error *err)
{
	for (; profiles->title != NULL; profiles++) {
		struct error why = { 0 };

		if (check(profiles->values, groups, kinds, &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "%s", profiles->title, why.text);
	}
	return 0;
}

static bool
wants_kind(const struct archive_profile_settings *own,
	   enum archive_event_kind kind)
{
	if (own->kinds[0] == NULL)
		return true;
	for (size_t i = 0; own->kinds[i] != NULL; i++)
		if (archive_event_find(own->kinds[i]) == kind)
			return true;
	return false;
}

bool
archive_profile_knows(const struct setting_titled *profiles,
		      enum archive_event_kind kind)
{
	for (; profiles->title != NULL; profiles++)
		if (wants_kind(profiles->values, kind))
			return true;
	return false;
}

/* The address of a room's archive goes on behind a slash, where others end. */
static bool
is_same(const char *address, const char *listed)
{
	size_t len = strcspn(address, "/");

	return strlen(listed) == len && memcmp(address, listed, len) == 0;
}

static bool
is_in(const char *const *list, const char *address, bool domain)
{
	const char *at = address == NULL ? NULL : strchr(address, '@');

	if (domain && at != NULL)
		address = at + 1;
	for (; address != NULL && *list != NULL; list++)
		if (is_same(address, *list))
			return true;
	return false;
}

/* That of a room's archive is in none. */
static bool
is_in_group(const char *const *list, const struct groups *groups,
	    const char *address)
{
	return address != NULL && groups_any_has(groups, list, address);
}

static bool
wants(const struct archive_profile_settings *own, const struct groups *groups,
      const struct archive_event *event)
{
	const char *const people[] = {
		event->sender, event->recipient, event->about,
	};

	if (own->users[0] == NULL && own->domains[0] == NULL &&
	    own->groups[0] == NULL && own->rooms[0] == NULL)
		return true;
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		if (is_in(own->users, people[i], false) ||
		    is_in(own->domains, people[i], true) ||
		    is_in_group(own->groups, groups, people[i]))
			return true;
	return is_in(own->rooms, event->recipient, false);
}

bool
archive_profile_wants(const struct setting_titled *profiles,
		      const struct groups *groups,
		      const struct archive_event *event)
{
	for (; profiles->title != NULL; profiles++)
		if (wants_kind(profiles->values, event->kind) &&
		    wants(profiles->values, groups, event))
			return true;
	return false;
}
