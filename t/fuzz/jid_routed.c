#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What it makes is of the sizes that all rely on, and stays as it is. */
static void
check(struct arena *arena, const struct jid *jid)
{
	const struct jid *again;
	struct error err;

	ensure(strlen(jid->local) <= JID_PART_MAX);
	ensure(strlen(jid->domain) <= JID_PART_MAX && *jid->domain != '\0');
	ensure(strlen(jid->resource) <= JID_PART_MAX);
	for (const char *c = jid->full; *c != '\0'; c++)
		ensure((unsigned char)*c >= 0x20 && *c != 0x7f);
	ensure(jid_routed(arena, jid->full, &again, &err) == 0);
	ensure(jid_equal(jid, again) && jid_equal_bare(jid, again));
	ensure(strcmp(jid->local, again->local) == 0);
	ensure(strcmp(jid->domain, again->domain) == 0);
	ensure(strcmp(jid->resource, again->resource) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_dup(arena, (const char *)data, size);
	const struct jid *jid, *strict;
	struct error err;

	if (jid_routed(arena, text, &jid, &err) < 0) {
		ensure(err.cond == ERROR_JID_MALFORMED);
		ensure(jid_parsez(arena, text, &strict, &err) < 0);
	} else {
		check(arena, jid);
		if (jid_parsez(arena, text, &strict, &err) == 0)
			ensure(jid_equal(jid, strict));
	}
	arena_free(&arena);
	return 0;
}
