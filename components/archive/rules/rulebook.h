/*
 * rulebook.h - the rules of one policy, in their order.
 *
 * The first that is about a stanza and does more than to add to it decides.
 * What none decides is left open.
 */
#ifndef ARCHIVE_RULEBOOK_H
#define ARCHIVE_RULEBOOK_H

#include <stddef.h>

struct clause;
struct error;
struct exhibit;
struct groups;
struct rulebook;
struct ruling;
struct setting_titled;

/* Rules of one policy. */
#define RULEBOOK_MAX 200

/* Those of these names, ended by NULL, out of the sections; the groups outlive
   it.  Returns 0, or -1 with ERROR_BAD_REQUEST: there is none of that name, or
   it makes no sense. */
int rulebook_new(const char *const *names, const struct setting_titled *rules,
		 const struct groups *groups, struct rulebook **rulebook_r,
		 struct error *err);
void rulebook_free(struct rulebook **rulebook);

size_t rulebook_count(const struct rulebook *rulebook);
const struct clause *rulebook_clause(const struct rulebook *rulebook,
				     size_t i);

struct rulebook_finding {
	const struct ruling *ruling;	/* lives as long as the rulebook; NULL:
					   it is left open */
	const char *append;		/* to a message that goes on, in the
					   exhibit's arena; NULL: nothing */
	/* Called for each rule that was about it, in order; may be NULL. */
	void (*on_fit)(void *ctx, size_t i);
	void *ctx;
	size_t at;			/* the rule that was looked at last */
};

/* Fills the finding, whose function is the caller's.  Returns 0, or -1 with
   err: a rule cannot be followed within the limits, and the rest was not
   looked at. */
int rulebook_judge(struct rulebook *rulebook, struct exhibit *exhibit,
		   struct rulebook_finding *finding, struct error *err);

#endif
