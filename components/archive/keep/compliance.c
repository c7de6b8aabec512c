#include "components/archive/keep/compliance.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "components/archive/keep/rule.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/section.h"
#include "shared/stanza.h"
#include "shared/xml.h"

static const struct setting settings[] = {
	SETTING(LIST, compliance_settings, users, "",
		"Bare addresses: what is from or to them."),
	SETTING(LIST, compliance_settings, domains, "",
		"Domains, without their subdomains: what is from or to their "
		"addresses."),
	SETTING(LIST, compliance_settings, groups, "",
		"Groups of such addresses and domains: sections group."),
	SETTING(BOOL, compliance_settings, hints, "yes",
		"Whether messages are kept that ask not to be stored "
		"(XEP-0334)."),
	SETTING(BOOL, compliance_settings, types, "yes",
		"Whether messages of the types headline and error are kept."),
	SETTING(BOOL, compliance_settings, preferences, "yes",
		"Whether messages are kept that these people have chosen not "
		"to have in their archives (XEP-0441)."),
	SETTING(BOOL, compliance_settings, retractions, "yes",
		"Whether messages are kept that are retracted (XEP-0424), "
		"in rooms of annex-muc as well."),
	SETTING(BOOL, compliance_settings, rooms, "yes",
		"Whether what they say and are shown in rooms is kept that "
		"annex-muc does not keep: other servers', or the router's "
		"own."),
	SETTING(BOOL, compliance_settings, notifications, "no",
		"With types: whether headlines are kept that only tell what "
		"somebody has published (XEP-0060), as avatars and keys, which "
		"are many."),
	{ .name = NULL }
};

const struct setting_section compliance_section = {
	"compliance", settings, sizeof(struct compliance_settings)
};

/* A user or a domain, by its address. */
struct covered {
	UT_hash_handle hh;
	const char *address;
	unsigned overrides;
};

/* One of groups. */
struct company {
	struct company *next;
	const struct group *group;
	unsigned overrides;
};

struct compliance {
	struct arena *arena;
	struct covered *covered;
	struct groups *groups;
	struct company *companies;
};

static unsigned
overrides_of(const struct compliance_settings *own)
{
	return (own->hints ? (unsigned)RULE_HINTS : 0) |
	       (own->types ? (unsigned)RULE_TYPES : 0) |
	       (own->preferences ? (unsigned)COMPLIANCE_PREFERENCES : 0) |
	       (own->retractions ? (unsigned)COMPLIANCE_RETRACTIONS : 0) |
	       (own->rooms ? (unsigned)RULE_ROOMS : 0) |
	       (own->notifications ? (unsigned)RULE_NOTIFICATIONS : 0);
}

static int
check(const struct compliance_settings *own, const struct groups *groups,
      struct error *err)
{
	if (section_check_addresses(own->users, false, err) < 0 ||
	    section_check_addresses(own->domains, true, err) < 0 ||
	    groups_check(groups, own->groups, err) < 0)
		return -1;
	if (*own->users == NULL && *own->domains == NULL &&
	    *own->groups == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "names no users, "
				 "domains or groups");
	if (overrides_of(own) == 0)
		return error_set(err, ERROR_BAD_REQUEST, "keeps nothing");
	return 0;
}

int
compliance_check(const struct setting_titled *titled,
		 const struct groups *groups, struct error *err)
{
	struct error why = { 0 };

	for (; titled->title != NULL; titled++)
		if (check(titled->values, groups, &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "%s", titled->title, why.text);
	return 0;
}

/* What several sections say of one address holds together. */
static void
add_list(struct compliance *compliance, const char *const *list,
	 unsigned overrides)
{
	struct covered *covered;

	for (; *list != NULL; list++) {
		HASH_FIND_STR(compliance->covered, *list, covered);
		if (covered == NULL) {
			covered = arena_alloc(compliance->arena,
					      sizeof(*covered));
			covered->address = arena_strdup(compliance->arena,
							*list);
			HASH_ADD_KEYPTR(hh, compliance->covered,
					covered->address,
					strlen(covered->address), covered);
		}
		covered->overrides |= overrides;
	}
}

static void
add_groups(struct compliance *compliance, const char *const *list,
	   unsigned overrides)
{
	struct company *company;
	struct error err;

	for (; *list != NULL; list++) {
		company = arena_alloc(compliance->arena, sizeof(*company));
		company->overrides = overrides;
		ensure(groups_find(compliance->groups, *list, &company->group,
				   &err) == 0);
		LL_PREPEND(compliance->companies, company);
	}
}

struct compliance *
compliance_new(const struct setting_titled *titled, struct groups *groups)
{
	struct compliance *compliance = calloc(1, sizeof(*compliance));

	ensure(compliance != NULL);
	compliance->arena = arena_new();
	compliance->groups = groups_ref(groups);
	for (; titled->title != NULL; titled++) {
		const struct compliance_settings *own = titled->values;

		add_list(compliance, own->users, overrides_of(own));
		add_list(compliance, own->domains, overrides_of(own));
		add_groups(compliance, own->groups, overrides_of(own));
	}
	return compliance;
}

void
compliance_free(struct compliance **compliance)
{
	if (*compliance == NULL)
		return;
	HASH_CLEAR(hh, (*compliance)->covered);
	groups_unref(&(*compliance)->groups);
	arena_free(&(*compliance)->arena);
	free(*compliance);
	*compliance = NULL;
}

static unsigned
find(const struct compliance *compliance, const char *address)
{
	const struct covered *covered;

	HASH_FIND_STR(compliance->covered, address, covered);
	return covered != NULL ? covered->overrides : 0;
}

static unsigned
find_bare(const struct compliance *compliance, const char *bare)
{
	const char *at = strchr(bare, '@');
	const struct company *company;
	unsigned overrides = find(compliance, bare) |
			     (at != NULL ? find(compliance, at + 1) : 0);

	LL_FOREACH(compliance->companies, company)
		if (groups_has(company->group, bare))
			overrides |= company->overrides;
	return overrides;
}

/* Of those whom it is from and to. */
static unsigned
find_both(const struct compliance *compliance, const struct stanza *message)
{
	unsigned overrides = 0;

	if (message->from != NULL)
		overrides |= find_bare(compliance, message->from->bare);
	if (message->to != NULL)
		overrides |= find_bare(compliance, message->to->bare);
	return overrides;
}

static bool
keeps(const struct stanza *message, unsigned overrides, bool cut)
{
	return cut ? rule_may_keep(message, overrides) :
		     rule_keeps(message, overrides);
}

unsigned
compliance_ways(const struct compliance *compliance,
		const struct stanza *message, unsigned ways, bool cut)
{
	unsigned overrides;

	if (keeps(message, 0, cut))
		return ways;
	overrides = find_both(compliance, message) & ~(unsigned)RULE_ROOMS;
	return keeps(message, overrides, cut) ? ARCHIVE_UNSEEN(ways) : 0;
}

/* A room that has no subject says so to whoever enters. */
static bool
is_no_subject(const struct stanza *message)
{
	const struct xml *subject = xml_child(message->el, NS_CLIENT,
					      "subject");

	return subject != NULL && subject->first == NULL &&
	       message->from != NULL && *message->from->resource == '\0' &&
	       !content_lasts_beside(message->el, subject);
}

bool
compliance_hears(const struct compliance *compliance,
		 const struct stanza *message, bool everybody, bool cut)
{
	unsigned overrides = find_both(compliance, message);

	if (everybody)
		overrides |= RULE_ROOMS;
	return keeps(message, overrides, cut) && !is_no_subject(message);
}

bool
compliance_overrides(const struct compliance *compliance,
		     enum compliance_override what,
		     const struct archive_row *row)
{
	return ((find_bare(compliance, row->sender) |
		 find_bare(compliance, row->recipient)) & what) != 0;
}
