#include "components/archive/retention/tenure.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/section.h"
#include "shared/str.h"

#define DAY 86400
/* More than makes sense, and fits where it is counted with. */
#define SECS_MAX (100u * 365 * DAY)
#define RULES_MAX 1000
#define BLANKS " \t"

struct rule {
	const char *text;
	const char *owner, *domain;	/* one of these; all NULL: any */
	const struct group *group;
	unsigned wanted, unwanted;	/* kinds */
	unsigned secs;			/* 0: for ever */
};

struct tenure {
	struct arena *arena;
	struct rule *rules;
	size_t count;
};

static const struct {
	const char *name;
	unsigned kind;
} kinds[] = {
	{ "encrypted", TENURE_ENCRYPTED },
	{ "groupchat", TENURE_GROUPCHAT },
	{ "remote", TENURE_REMOTE },
};

/* The next word, ended by NUL; NULL: there is none. */
static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);
	size_t len = strcspn(word, BLANKS);

	if (len == 0)
		return NULL;
	*rest = word + len;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

/* "30d", "12h", "5m", "30s"; "forever" is 0. */
static int
read_time(const char *word, unsigned *secs_r)
{
	static const char units[] = "smhd";
	static const unsigned secs[] = { 1, 60, 3600, DAY };
	unsigned long long number;
	const char *unit;
	char *end;

	*secs_r = 0;
	if (strcmp(word, "forever") == 0)
		return 0;
	if (*word < '1' || *word > '9')
		return -1;
	number = strtoull(word, &end, 10);
	unit = *end != '\0' && end[1] == '\0' ? strchr(units, *end) : NULL;
	if (unit == NULL || number > SECS_MAX / secs[unit - units])
		return -1;
	*secs_r = (unsigned)number * secs[unit - units];
	return 0;
}

static int
read_kind(struct rule *rule, const char *name, struct error *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0) {
			rule->wanted |= kinds[i].kind;
			return 0;
		}
	return error_set(err, ERROR_BAD_REQUEST, "%.40s is none of encrypted, "
			 "groupchat and remote", name);
}

static int
read_owner(struct rule *rule, const char *address, bool room,
	   struct error *err)
{
	if (section_check_address(address, false, err) < 0)
		return -1;
	rule->owner = address;
	if (room)
		rule->wanted |= TENURE_GROUPCHAT;
	else
		rule->unwanted |= TENURE_GROUPCHAT;
	return 0;
}

static int
read_whose(struct rule *rule, const char *what, const char *value,
	   const struct groups *groups, struct error *err)
{
	bool user = strcmp(what, "user") == 0;

	if (rule->owner != NULL || rule->domain != NULL ||
	    rule->group != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "it says twice whose they are");
	if (user || strcmp(what, "room") == 0)
		return read_owner(rule, value, !user, err);
	if (strcmp(what, "group") == 0)
		return groups_find(groups, value, &rule->group, err);
	rule->domain = value;
	return section_check_address(value, true, err);
}

static int
read_condition(struct rule *rule, const char *what, const char *value,
	       const struct groups *groups, struct error *err)
{
	if (value == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "there is nothing behind %.40s", what);
	if (strcmp(what, "kind") == 0)
		return read_kind(rule, value, err);
	return read_whose(rule, what, value, groups, err);
}

static bool
is_condition(const char *word)
{
	static const char *const names[] = { "domain", "group", "kind",
					     "room", "user" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], word) == 0)
			return true;
	return false;
}

static bool
is_about_all(const struct rule *rule)
{
	return rule->owner == NULL && rule->domain == NULL &&
	       rule->group == NULL && rule->wanted == 0;
}

/* The line's conditions, up to the time. */
static int
read_conditions(struct rule *rule, char **rest, char **word,
		const struct groups *groups, struct error *err)
{
	*word = next_word(rest);
	if (*word != NULL && strcmp(*word, "all") == 0) {
		*word = next_word(rest);
		return 0;
	}
	for (; *word != NULL && is_condition(*word); *word = next_word(rest))
		if (read_condition(rule, *word, next_word(rest), groups,
				   err) < 0)
			return -1;
	if (is_about_all(rule))
		return error_set(err, ERROR_BAD_REQUEST,
				 "it begins with none of all, domain, group, "
				 "kind, room and user");
	return 0;
}

static int
read_rule(struct arena *arena, struct rule *rule, const char *line,
	  const struct groups *groups, struct error *err)
{
	char *rest = arena_strdup(arena, line), *word;

	rule->text = arena_strdup(arena, line);
	if (read_conditions(rule, &rest, &word, groups, err) < 0)
		return -1;
	if ((rule->wanted & rule->unwanted) != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "no user's messages are of that kind");
	if (word == NULL || read_time(word, &rule->secs) < 0 ||
	    next_word(&rest) != NULL)
		return error_set(err, ERROR_BAD_REQUEST, "it does not end with "
				 "one time, as in 30d, or forever");
	return 0;
}

static int
read_rules(struct tenure *tenure, const char *const *lines,
	   const struct groups *groups, struct error *err)
{
	bool all = false;
	struct error why;

	for (size_t i = 0; i < tenure->count; i++) {
		struct rule *rule = &tenure->rules[i];

		if (all)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "the rule before is about all",
					 lines[i]);
		if (read_rule(tenure->arena, rule, lines[i], groups,
			      &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST,
					 "\"%.60s\": %s", lines[i], why.text);
		all = is_about_all(rule);
	}
	return 0;
}

int
tenure_new(const char *const *lines, const struct groups *groups,
	   struct tenure **tenure_r, struct error *err)
{
	struct tenure *tenure = calloc(1, sizeof(*tenure));
	int ret;

	ensure(tenure != NULL);
	tenure->arena = arena_new();
	while (lines[tenure->count] != NULL)
		tenure->count++;
	tenure->rules = arena_alloc(tenure->arena, (tenure->count + 1) *
				    sizeof(*tenure->rules));
	ret = tenure->count <= RULES_MAX ?
	      read_rules(tenure, lines, groups, err) :
	      error_set(err, ERROR_BAD_REQUEST,
			"there are more than %d rules", RULES_MAX);
	if (ret < 0)
		tenure_free(&tenure);
	*tenure_r = tenure;
	return ret;
}

void
tenure_free(struct tenure **tenure)
{
	if (*tenure == NULL)
		return;
	arena_free(&(*tenure)->arena);
	free(*tenure);
	*tenure = NULL;
}

size_t
tenure_count(const struct tenure *tenure)
{
	return tenure->count;
}

const char *
tenure_text(const struct tenure *tenure, size_t rule)
{
	return tenure->rules[rule].text;
}

unsigned
tenure_secs(const struct tenure *tenure, size_t rule)
{
	return tenure->rules[rule].secs;
}

static const char *
domain_of(const char *bare)
{
	const char *at = strchr(bare, '@');

	return at == NULL ? bare : at + 1;
}

static bool
fits(const struct rule *rule, const char *owner, unsigned kind)
{
	return (rule->owner == NULL || str_same(rule->owner, owner)) &&
	       (rule->domain == NULL ||
		str_same(rule->domain, domain_of(owner))) &&
	       (rule->group == NULL || groups_has(rule->group, owner)) &&
	       (kind & rule->wanted) == rule->wanted &&
	       (kind & rule->unwanted) == 0;
}

size_t
tenure_find(const struct tenure *tenure, const char *owner, unsigned kind)
{
	char *bare = str_dup(owner);
	size_t i = 0;

	bare[strcspn(bare, "/")] = '\0';
	while (i < tenure->count && !fits(&tenure->rules[i], bare, kind))
		i++;
	free(bare);
	return i < tenure->count ? i : TENURE_NONE;
}

unsigned
tenure_longest(const struct tenure *tenure)
{
	const struct rule *rules = tenure->rules;
	unsigned longest = 0;

	if (tenure->count == 0 || !is_about_all(&rules[tenure->count - 1]))
		return 0;
	for (size_t i = 0; i < tenure->count; i++) {
		if (rules[i].secs == 0)
			return 0;
		if (rules[i].secs > longest)
			longest = rules[i].secs;
	}
	return longest;
}
