/*
 * hearing.h - a stanza that is held for a verdict: what rules leave open,
 * servers are asked about, one after the other, until one rules; that is done
 * then (decree.h).
 */
#ifndef ARCHIVE_HEARING_H
#define ARCHIVE_HEARING_H

#include <stdbool.h>
#include <stdint.h>

struct docket;
struct hook_event;
struct hook_host;
struct policy;

/* Whether not all of it is known, as something is beyond a limit or against the
   rules of XMPP: nobody rules then. */
bool hearing_is_unclear(const struct hook_event *event);

/* Returns REQUEST_PARKED. */
int hearing_begin(struct docket *docket, struct policy *policy,
		  struct hook_event *event);

/* Whether one by a policy of that name is under way whose stanza came before
   that time, in microseconds since 1970. */
bool hearing_is_before(const struct docket *docket, const char *policy,
		       int64_t time);

/* Ends those of that host, for whose verdicts nobody waits any more; NULL: all,
   whose shims are told. */
void hearing_drop_all(struct docket *docket, const struct hook_host *host);

#endif
