/*
 * clause-private.h - what a rule is made of, for those who make it and use it.
 */
#ifndef ARCHIVE_CLAUSE_PRIVATE_H
#define ARCHIVE_CLAUSE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "components/archive/rules/clause.h"
#include "components/archive/rules/ruling.h"

struct arena;
struct party;
struct pattern;
struct rate;

struct clause {
	struct arena *arena;
	const char *name, *verdict;
	unsigned kinds;
	const struct party *from, *to;
	const struct party *between;
	bool encrypted, open;		/* which may be */
	struct pattern *words;		/* NULL: any */
	struct pattern **patterns;
	size_t count;			/* of these */
	const char *const *files, *const *links;
	struct rate *rate;		/* NULL: none */
	struct ruling ruling;
};

#endif
