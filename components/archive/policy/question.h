/*
 * question.h - what a policy server is asked of a stanza: a JSON object
 * (policy.yaml).
 */
#ifndef ARCHIVE_QUESTION_H
#define ARCHIVE_QUESTION_H

#include <stdint.h>

#include "shared/hook_event.h"

struct arena;
struct str;

struct question {
	struct arena *arena;	/* for the while */
	const char *id;		/* the stanza's, by which it is archived */
	const char *host;	/* whose shim holds it */
	enum hook_point point;
	const char *profile;
	int64_t stamp;
	const struct stanza *stanza;
};

/* That of a check, in whose arena it lives. */
struct question question_of(const struct hook_event *event);

void question_print(struct str *out, const struct question *question);

#endif
