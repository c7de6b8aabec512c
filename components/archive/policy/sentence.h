/*
 * sentence.h - what is ruled of a stanza that waited is done, once the audit
 * log says that it will be.
 *
 * Embedded in its owner, all zero but for the first members, which are set
 * before each.
 */
#ifndef ARCHIVE_SENTENCE_H
#define ARCHIVE_SENTENCE_H

#include <stdbool.h>

#include "components/archive/rules/ruling.h"
#include "shared/stanza.h"

struct archive;
struct arena;
struct held;
struct policy;

enum sentence_end {
	SENTENCE_DONE,		/* it is not to stay in the database */
	SENTENCE_REFERRED,	/* it waits for a reviewer now */
	SENTENCE_FAILED,	/* nothing was done: it is to be judged again */
	SENTENCE_STUCK,		/* the same, as the shim did not do it, or did
				   not say so */
	SENTENCE_REFUSED,	/* the same, and it is this one's fault rather
				   than its host's */
};

/* Called once, with why it is stuck or refused, or NULL.  The sentence may be
   gone afterwards. */
typedef void sentence_fn(void *ctx, enum sentence_end end, const char *why);

struct sentence {
	struct archive *archive;
	const struct policy *policy;	/* by which it was judged */
	/* All of these live until the end. */
	struct arena *arena;
	const struct held *held;
	struct stanza stanza;		/* as it goes on */
	sentence_fn *fn;
	void *ctx;

	struct ruling ruling;
	void (*step)(struct sentence *sentence);	/* behind the log */
	unsigned long heard;	/* of its host, when that was asked */
	char *noted;		/* the last that went into it: it is not to
				   fill up by what fails again and again */
	bool logged;		/* the journal has what was noted */
	bool stopped;
};

void sentence_fini(struct sentence *sentence);

/* Does what was ruled. */
void sentence_follow(struct sentence *sentence, const struct ruling *ruling);
/* Leaves it to reviewers. */
void sentence_refer(struct sentence *sentence, const char *why);
/* What is not on its way to the shim or the database does not go there any
   more; the end is told as it would be. */
void sentence_stop(struct sentence *sentence);

#endif
