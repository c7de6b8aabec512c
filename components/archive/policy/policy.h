/*
 * policy.h - how stanzas of a profile are judged: a section of the
 * configuration, the servers it names, and the connections to them.
 */
#ifndef ARCHIVE_POLICY_H
#define ARCHIVE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "components/archive/rules/concern.h"
#include "shared/setting.h"

struct arena;
struct error;
struct groups;
struct httpclient;
struct judge;
struct probe;
struct rulebook;

struct policy_settings {
	struct concern_settings concern;
	const char *const *rules;
	const char *const *servers;
	unsigned timeout;
	unsigned in_flight;
	const char *on_failure;
	const char *notice;
	const char *probe;
	unsigned probe_pause;
	const char *ca, *cert, *key;
	bool log_first;
	bool keep_stanza;
};

extern const struct setting_section policy_section;

/* At most so many servers. */
#define POLICY_SERVERS_MAX 8

/* What policies name: sections of the configuration. */
struct policy_terms {
	const struct setting_titled *rules;
	struct groups *groups;
	bool tried;		/* their servers are never asked */
};

/* Whether all of them make sense.  Returns 0, or -1 with err. */
int policy_check(const struct setting_titled *titled,
		 const struct policy_terms *terms, struct error *err);

/* Lives until nobody uses it: the court it belongs to, and each hearing. */
struct policy {
	struct arena *arena;
	const char *name, *notice;	/* notice NULL: none */
	struct groups *groups;
	struct concern concern;
	struct rulebook *rulebook;
	uint64_t timeout_ms;
	bool open, spool, log_first;	/* neither open nor spool: closed */
	bool keep_stanza;
	bool failing;		/* the last stanza had no verdict, and the log
				   says so */
	struct judge *judges;
	size_t count;
	struct httpclient *client;
	struct probe *probe;	/* NULL: they are not probed */
	unsigned users;
	uv_timer_t end;		/* as it may not go within a callback */
};

/* It has one user. */
struct policy *policy_new(uv_loop_t *loop,
			  const struct setting_titled *titled,
			  const struct policy_terms *terms);
void policy_ref(struct policy *policy);
void policy_unref(struct policy **policy);

/* The first server that may be asked and is not among those, a bit each; or
   NULL.  left_r is how many there are, that one included. */
struct judge *policy_next(struct policy *policy, unsigned asked,
			  size_t *left_r);
/* How many of its servers are well. */
size_t policy_well(const struct policy *policy);

#endif
