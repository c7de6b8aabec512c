#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was prepared is prepared: every part must come out as it went in. */
static void
check(struct arena *arena, const struct jid *jid)
{
	const struct jid *again;
	struct error err;

	ensure(strlen(jid->local) <= JID_PART_MAX);
	ensure(strlen(jid->domain) <= JID_PART_MAX && *jid->domain != '\0');
	ensure(strlen(jid->resource) <= JID_PART_MAX);
	ensure(jid_parsez(arena, jid->full, &again, &err) == 0);
	ensure(jid_equal(jid, again) && jid_equal_bare(jid, again));
	ensure(strcmp(jid->local, again->local) == 0);
	ensure(strcmp(jid->domain, again->domain) == 0);
	ensure(strcmp(jid->resource, again->resource) == 0);
	ensure(jid_with_resource(arena, jid_bare(arena, jid), jid->resource,
				 &again, &err) == 0);
	ensure(jid_equal(jid, again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct jid *jid;
	struct error err;

	if (jid_parse(arena, (const char *)data, size, &jid, &err) == 0)
		check(arena, jid);
	else
		ensure(err.cond == ERROR_JID_MALFORMED);
	arena_free(&arena);
	return 0;
}
