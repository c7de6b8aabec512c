/*
 * backlog.h - which is next of those that wait for a server of a policy.
 *
 * All go on in order, the oldest first.  Those of hosts that are away, or whose
 * shim lets nothing go on, are passed over.  When the servers fail with one, it
 * holds up the rest; then another is asked about as well, to know whether it is
 * that one's fault.  What a shim does not let go on again and again, though it
 * is there and works, is that one's fault as well.
 *
 * Embedded in its owner, all zero at first.
 */
#ifndef ARCHIVE_BACKLOG_H
#define ARCHIVE_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "components/archive/policy/held.h"

struct backlog_refusal;

struct backlog {
	char *oldest;		/* which the servers failed with; NULL: none */
	unsigned failures;	/* of it, right after another was judged */
	bool suspect;		/* another was judged */
	bool probing;		/* another is next */
	struct held_place probe;	/* behind which it is */
	/* Nothing up to there can go on: their hosts are away, or it is the one
	   whose shim does not do it. */
	struct held_place passed;
	char *failing;		/* NULL: there is none */
	struct backlog_refusal *refusals;	/* one of each host at most */
	uint64_t passed_until_ms;
	unsigned hellos;	/* of hosts, when that was last looked at */
};

void backlog_fini(struct backlog *backlog);

/* Behind which place the next one is, when hosts have said so many hellos by
   now. */
const struct held_place *backlog_place(struct backlog *backlog,
				       unsigned hellos, uint64_t now_ms);
/* Whether a host has come since, of which one may have been passed over. */
bool backlog_is_old(const struct backlog *backlog, unsigned hellos);
/* Its host is away, or fails. */
void backlog_pass(struct backlog *backlog, const struct held *held);
/* The shim of that one's host does not let it go on: all that is of that host
   waits, for the sake of the order.  One such host is known at a time; returns
   whether it was not. */
bool backlog_blame(struct backlog *backlog, const struct held *held,
		   uint64_t now_ms);
bool backlog_fails(const struct backlog *backlog, const char *host);
/* Its shim does not let that one go on, though it works.  Returns whether it
   has not often enough. */
bool backlog_refuse(struct backlog *backlog, const struct held *held);
/* There are no more behind the place. */
void backlog_end(struct backlog *backlog, uint64_t now_ms);

/* Whether what is ruled of the next one is to be known alone, and not followed
   yet, for the sake of the order. */
static inline bool
backlog_is_probing(const struct backlog *backlog)
{
	return backlog->probing;
}
/* Of such a one: whether it was judged. */
void backlog_probed(struct backlog *backlog, const struct held *held,
		    bool judged);

/* Of any other: it was judged; or the servers failed with it. */
enum backlog_failure {
	BACKLOG_FIRST,		/* of that one */
	BACKLOG_AGAIN,
	BACKLOG_BLAMED,		/* with that one alone, and often enough */
};
void backlog_succeed(struct backlog *backlog);
enum backlog_failure backlog_fail(struct backlog *backlog,
				  const struct held *held);

#endif
