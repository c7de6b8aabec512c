/*
 * verdict.h - what was ruled of a stanza at once, as an event in the archive:
 * what is blocked or replaced is nowhere else.
 *
 * That something goes on as it was, or with something added by rules, is
 * none.
 */
#ifndef ARCHIVE_VERDICT_H
#define ARCHIVE_VERDICT_H

#include "components/archive/rules/ruling.h"

struct archive;
struct hook_event;
struct policy;

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

#endif
