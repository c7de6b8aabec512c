/*
 * verdict.h - what was ruled of a stanza at once, as an event in the archive:
 * what is blocked or replaced is nowhere else.
 *
 * That something goes on as it was, or with something added by rules, is
 * none.  What became of one that was held is, where nothing else says what was
 * in it.
 */
#ifndef ARCHIVE_VERDICT_H
#define ARCHIVE_VERDICT_H

#include "components/archive/rules/ruling.h"

struct archive;
struct arena;
struct held;
struct hook_event;
struct policy;
struct stanza;
struct str;

/* So many bytes of a stanza are kept. */
#define VERDICT_STANZA_MAX 16384

struct verdict {
	const struct policy *policy;
	const char *rule;	/* NULL: a server ruled */
	enum ruling_kind kind;
	const char *why;	/* NULL: it was wanted so */
};

/* Puts one into the journal, where there is one; nobody waits for that. */
void verdict_note(struct archive *archive, const struct hook_event *cause,
		  const struct verdict *verdict);

/* Of one that was held. */
struct verdict_ending {
	struct arena *arena;	/* for what it is made of */
	const struct held *held;
	const struct stanza *stanza;	/* as it goes on, or would have */
	const char *word;	/* "release", "reject" */
};

/* Adds the row of such an event, with the stanza and the time when that was
   sent: the same each time but for its serial. */
void verdict_print_ending(struct archive *archive,
			  const struct verdict_ending *ending,
			  struct str *text);

#endif
