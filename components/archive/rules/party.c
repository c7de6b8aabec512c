#include "components/archive/rules/party.h"

#include <string.h>

#include "components/archive/rules/hostname.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/section.h"
#include "shared/str.h"

#define BLANKS " \t"

struct entry {
	bool excepts;
	const struct group *group;	/* one of these; all NULL: those
					   outside */
	const char *address, *domain;
	/* The same with U-labels and with A-labels: routers take either for
	   another server's. */
	const char *plain, *ascii;
};

struct party {
	struct entry *entries;
	size_t count;
	bool only_excepts;
};

static int
read_named(struct entry *entry, const char *what, const char *name,
	   const struct groups *groups, struct error *err)
{
	if (strcmp(what, "group") == 0)
		return groups_find(groups, name, &entry->group, err);
	if (strcmp(what, "domain") == 0) {
		entry->domain = name;
		return section_check_address(name, true, err);
	}
	entry->address = name;
	return section_check_address(name, false, err);
}

static bool
takes_name(const char *what)
{
	return strcmp(what, "user") == 0 || strcmp(what, "room") == 0 ||
	       strcmp(what, "domain") == 0 || strcmp(what, "group") == 0;
}

/* The line is changed, and kept. */
static int
read_entry(struct entry *entry, char *line, const struct groups *groups,
	   struct error *err)
{
	char *what = line + strspn(line, BLANKS), *name, *end;

	entry->excepts = *what == '!';
	what += entry->excepts;
	name = what + strcspn(what, BLANKS);
	if (*name != '\0')
		*name++ = '\0';
	name += strspn(name, BLANKS);
	end = name + strcspn(name, BLANKS);
	if (*name == '\0' && strcmp(what, "outside") == 0)
		return 0;
	if (*name == '\0' || !takes_name(what))
		return error_set(err, ERROR_BAD_REQUEST, "it is none of user "
				 "ADDRESS, room ADDRESS, domain DOMAIN, group "
				 "NAME and outside");
	/* A second one would be meant as well. */
	if (end[strspn(end, BLANKS)] != '\0')
		return error_set(err, ERROR_BAD_REQUEST, "there is more than "
				 "one name");
	*end = '\0';
	return read_named(entry, what, name, groups, err);
}

static const char *
domain_of(const char *bare)
{
	const char *at = strchr(bare, '@');

	return at == NULL ? bare : at + 1;
}

static void
add_forms(struct arena *arena, struct entry *entry)
{
	const char *own = entry->domain != NULL ? entry->domain :
						  entry->address;
	const char *domain, *plain;
	int before;

	if (own == NULL)
		return;
	domain = domain_of(own);
	before = (int)(domain - own);
	plain = hostname_plain(arena, domain);
	entry->plain = arena_printf(arena, "%.*s%s", before, own, plain);
	entry->ascii = arena_printf(arena, "%.*s%s", before, own,
				    hostname_ascii(arena, plain));
}

static int
read_entries(struct arena *arena, struct party *party,
	     const char *const *lines, const struct groups *groups,
	     struct error *err)
{
	struct error why = { 0 };

	for (size_t i = 0; i < party->count; i++) {
		if (read_entry(&party->entries[i],
			       arena_strdup(arena, lines[i]), groups,
			       &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST,
					 "\"%.60s\": %s", lines[i], why.text);
		add_forms(arena, &party->entries[i]);
		if (!party->entries[i].excepts)
			party->only_excepts = false;
	}
	return 0;
}

int
party_new(struct arena *arena, const char *const *lines,
	  const struct groups *groups, const struct party **party_r,
	  struct error *err)
{
	struct party *party = arena_alloc(arena, sizeof(*party));

	while (lines[party->count] != NULL)
		party->count++;
	if (party->count > PARTY_ENTRIES_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "a list has more "
				 "than %d entries", PARTY_ENTRIES_MAX);
	party->entries = arena_alloc(arena, (party->count + 1) *
				     sizeof(*party->entries));
	party->only_excepts = true;
	*party_r = party;
	return read_entries(arena, party, lines, groups, err);
}

size_t
party_count(const struct party *party)
{
	return party->count;
}

static bool
is_named(const struct entry *entry, const char *own, const char *text)
{
	return str_same(own, text) || str_same(entry->plain, text) ||
	       str_same(entry->ascii, text);
}

bool
party_entry_has(const struct party *party, size_t i, const char *bare,
		bool outside)
{
	const struct entry *entry = &party->entries[i];

	if (entry->group != NULL)
		return groups_has(entry->group, bare);
	if (entry->domain != NULL)
		return is_named(entry, entry->domain, domain_of(bare));
	if (entry->address != NULL)
		return is_named(entry, entry->address, bare);
	return outside;
}

bool
party_has(const struct party *party, const char *bare, bool outside)
{
	bool has = party->only_excepts;

	for (size_t i = 0; i < party->count; i++) {
		if (has && !party->entries[i].excepts)
			continue;
		if (!party_entry_has(party, i, bare, outside))
			continue;
		if (party->entries[i].excepts)
			return false;
		has = true;
	}
	return has;
}
