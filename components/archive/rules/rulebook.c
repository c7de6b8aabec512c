#include "components/archive/rules/rulebook.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/rules/clause.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/pattern.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"

struct rulebook {
	struct clause *clauses[RULEBOOK_MAX];
	size_t count;
};

static int
add(struct rulebook *rulebook, const char *name,
    const struct setting_titled *rules, const struct groups *groups,
    struct error *err)
{
	struct error why = { 0 };

	while (rules->title != NULL && strcmp(rules->title, name) != 0)
		rules++;
	if (rules->title == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "there is no rule \"%.60s\"", name);
	if (rulebook->count == RULEBOOK_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "there are more than "
				 "%d rules", RULEBOOK_MAX);
	if (clause_new(rules, groups, &rulebook->clauses[rulebook->count],
		       &why) < 0)
		return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": %s", name,
				 why.text);
	rulebook->count++;
	return 0;
}

int
rulebook_new(const char *const *names, const struct setting_titled *rules,
	     const struct groups *groups, struct rulebook **rulebook_r,
	     struct error *err)
{
	struct rulebook *rulebook = calloc(1, sizeof(*rulebook));
	int ret = 0;

	ensure(rulebook != NULL);
	for (; ret == 0 && *names != NULL; names++)
		ret = add(rulebook, *names, rules, groups, err);
	if (ret < 0)
		rulebook_free(&rulebook);
	*rulebook_r = rulebook;
	return ret;
}

void
rulebook_free(struct rulebook **rulebook)
{
	if (*rulebook == NULL)
		return;
	for (size_t i = 0; i < (*rulebook)->count; i++)
		clause_free(&(*rulebook)->clauses[i]);
	free(*rulebook);
	*rulebook = NULL;
}

size_t
rulebook_count(const struct rulebook *rulebook)
{
	return rulebook->count;
}

const struct clause *
rulebook_clause(const struct rulebook *rulebook, size_t i)
{
	return rulebook->clauses[i];
}

static void
follow(const struct clause *clause, struct exhibit *exhibit,
       struct rulebook_finding *finding)
{
	const struct ruling *ruling = clause_ruling(clause);

	if (!clause_goes_on(clause))
		finding->ruling = ruling;
	else if (finding->append == NULL)
		finding->append = arena_strdup(exhibit->arena,
					       ruling->append);
	else
		finding->append = arena_printf(exhibit->arena, "%s\n%s",
					       finding->append,
					       ruling->append);
}

/* Whom it is for takes time as well, where it is for many. */
static int
fits_in_time(struct clause *clause, struct exhibit *exhibit, bool *fits_r,
	     struct error *err)
{
	struct error why = { 0 };

	if (pattern_clock_ns() >= exhibit->until_ns)
		error_set(&why, ERROR_RESOURCE_CONSTRAINT,
			  "those before it have taken too long");
	else if (clause_fits(clause, exhibit, fits_r, &why) == 0)
		return 0;
	return error_set(err, why.cond, "rule \"%.60s\": %s",
			 clause_name(clause), why.text);
}

int
rulebook_judge(struct rulebook *rulebook, struct exhibit *exhibit,
	       struct rulebook_finding *finding, struct error *err)
{
	finding->ruling = NULL;
	finding->append = NULL;
	exhibit->until_ns = pattern_clock_ns() + PATTERN_TIME_NS;
	for (size_t i = 0; i < rulebook->count && finding->ruling == NULL;
	     i++) {
		struct clause *clause = rulebook->clauses[i];
		bool fits;

		finding->at = i;
		if (fits_in_time(clause, exhibit, &fits, err) < 0)
			return -1;
		if (!fits)
			continue;
		follow(clause, exhibit, finding);
		if (finding->on_fit != NULL)
			finding->on_fit(finding->ctx, i);
	}
	return 0;
}
