/*
 * clause.h - a rule by which policies judge without a server: a section of the
 * configuration.
 *
 * It says what a stanza must be, all of it together, and what is ruled then.
 */
#ifndef ARCHIVE_CLAUSE_H
#define ARCHIVE_CLAUSE_H

#include <stdbool.h>

#include "shared/setting.h"

struct clause;
struct error;
struct exhibit;
struct groups;
struct ruling;

struct clause_settings {
	const char *const *from, *const *to;	/* party.h */
	const char *const *between;
	const char *const *kinds;		/* exhibit.h */
	const char *encrypted;
	const char *const *words;
	const char *const *patterns;
	const char *const *files;		/* globs.h */
	const char *const *links;
	unsigned rate;
	unsigned rate_period;
	const char *verdict;
	const char *condition, *notice;
	bool silent;
	const char *text;
};

extern const struct setting_section clause_section;

/* All is copied, but for the groups, which outlive it.  Returns 0, or -1 with
   ERROR_BAD_REQUEST, the text naming the setting. */
int clause_new(const struct setting_titled *titled,
	       const struct groups *groups, struct clause **clause_r,
	       struct error *err);
void clause_free(struct clause **clause);

const char *clause_name(const struct clause *clause);
/* What it says; its texts live as long. */
const struct ruling *clause_ruling(const struct clause *clause);
/* Whether it only adds to a message, which is judged all the same. */
bool clause_goes_on(const struct clause *clause);
/* The word of the setting verdict. */
const char *clause_verdict(const struct clause *clause);

/* Whether it is about that stanza; one that counts has counted it then.
   Returns 0, or -1 with err: that cannot be known within the limits. */
int clause_fits(struct clause *clause, struct exhibit *exhibit, bool *fits_r,
		struct error *err);

#endif
