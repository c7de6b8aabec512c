#include "components/archive/policy/backlog.h"

#include <stdlib.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/str.h"

/* So long, at least, what was passed over is not looked at, though no host has
   come: the clock may have been set back, and what came since stand before
   it. */
#define PASSED_MS 60000

/* So often the servers may fail with one and then judge another. */
#define FAILURES_MAX 2
/* So often a shim may refuse the same one. */
#define REFUSALS_MAX 5

struct backlog_refusal {
	struct backlog_refusal *next;
	char *host, *uid;	/* the oldest of the host */
	unsigned count;
};

static void
free_refusal(struct backlog_refusal *refusal)
{
	free(refusal->host);
	free(refusal->uid);
	free(refusal);
}

void
backlog_fini(struct backlog *backlog)
{
	struct backlog_refusal *refusal, *next;

	LL_FOREACH_SAFE(backlog->refusals, refusal, next)
		free_refusal(refusal);
	free(backlog->oldest);
	free(backlog->failing);
	held_place_reset(&backlog->probe);
	held_place_reset(&backlog->passed);
}

static void
forget_passed(struct backlog *backlog, unsigned hellos, uint64_t now_ms)
{
	held_place_reset(&backlog->passed);
	free(backlog->failing);
	backlog->failing = NULL;
	backlog->passed_until_ms = now_ms + PASSED_MS;
	backlog->hellos = hellos;
}

const struct held_place *
backlog_place(struct backlog *backlog, unsigned hellos, uint64_t now_ms)
{
	if (backlog_is_old(backlog, hellos)) {
		forget_passed(backlog, hellos, now_ms);
		backlog->probing = false;
	}
	return backlog->probing ? &backlog->probe : &backlog->passed;
}

bool
backlog_is_old(const struct backlog *backlog, unsigned hellos)
{
	return backlog->hellos != hellos;
}

void
backlog_pass(struct backlog *backlog, const struct held *held)
{
	held_place_set(backlog->probing ? &backlog->probe : &backlog->passed,
		       held);
}

bool
backlog_blame(struct backlog *backlog, const struct held *held,
	      uint64_t now_ms)
{
	if (backlog->failing != NULL)
		return false;
	backlog->failing = str_dup(held->host);
	backlog->passed_until_ms = now_ms + PASSED_MS;
	return true;
}

bool
backlog_fails(const struct backlog *backlog, const char *host)
{
	return backlog->failing != NULL && str_same(backlog->failing, host);
}

static struct backlog_refusal *
find_refusal(struct backlog *backlog, const char *host)
{
	struct backlog_refusal *refusal;

	LL_FOREACH(backlog->refusals, refusal)
		if (str_same(refusal->host, host))
			return refusal;
	refusal = calloc(1, sizeof(*refusal));
	ensure(refusal != NULL);
	refusal->host = str_dup(host);
	refusal->uid = str_dup("");
	LL_PREPEND(backlog->refusals, refusal);
	return refusal;
}

bool
backlog_refuse(struct backlog *backlog, const struct held *held)
{
	struct backlog_refusal *refusal = find_refusal(backlog, held->host);

	if (!str_same(refusal->uid, held->uid)) {
		free(refusal->uid);
		refusal->uid = str_dup(held->uid);
		refusal->count = 0;
	}
	if (++refusal->count < REFUSALS_MAX)
		return true;
	LL_DELETE(backlog->refusals, refusal);
	free_refusal(refusal);
	return false;
}

void
backlog_end(struct backlog *backlog, uint64_t now_ms)
{
	if (!backlog->probing && now_ms >= backlog->passed_until_ms)
		forget_passed(backlog, backlog->hellos, now_ms);
	backlog->probing = false;
}

void
backlog_probed(struct backlog *backlog, const struct held *held, bool judged)
{
	if (judged) {
		backlog->probing = false;
		backlog->suspect = true;
	} else {
		held_place_set(&backlog->probe, held);
	}
}

void
backlog_succeed(struct backlog *backlog)
{
	free(backlog->oldest);
	backlog->oldest = NULL;
	backlog->failures = 0;
	backlog->suspect = false;
}

enum backlog_failure
backlog_fail(struct backlog *backlog, const struct held *held)
{
	bool first = backlog->oldest == NULL ||
		     !str_same(backlog->oldest, held->uid);

	if (first) {
		backlog_succeed(backlog);
		backlog->oldest = str_dup(held->uid);
	}
	if (backlog->suspect && ++backlog->failures == FAILURES_MAX) {
		backlog_succeed(backlog);
		return BACKLOG_BLAMED;
	}
	backlog->suspect = false;
	backlog->probing = true;
	held_place_set(&backlog->probe, held);
	return first ? BACKLOG_FIRST : BACKLOG_AGAIN;
}
