/*
 * court.h - the policies by which stanzas are judged.
 */
#ifndef ARCHIVE_COURT_H
#define ARCHIVE_COURT_H

#include <stddef.h>

#include "components/archive/policy/docket.h"

struct archive;
struct call;
struct error;
struct hook_event;
struct hook_host;
struct policy;
struct retrial;
struct setting_titled;
struct str;

struct court {
	struct docket docket;
	struct policy **policies;
	struct retrial **retrials;	/* NULL of those without servers */
	size_t count;
};

struct court *court_new(struct archive *archive,
			const struct setting_titled *titled);
/* Other policies from now on; what is under way goes on as it began. */
void court_reload(struct court *court, const struct setting_titled *titled);
/* Hearings that are under way end, and the router is left to itself. */
void court_free(struct court **court);

/* That of a profile; or NULL: it has none. */
struct policy *court_find(const struct court *court, const char *profile);
/* Handler of checks. */
int court_on_check(struct hook_event *event, void *ctx, struct error *err);
/* That host went away with the link: nobody waits for its verdicts. */
void court_leave(struct court *court, const struct hook_host *host);

/* A line for each thing without which nothing can be judged. */
void court_add_missing(const struct court *court, struct str *out);
/* For the status command: a line for each policy. */
void court_add_status(const struct court *court, struct call *call);

#endif
