/*
 * Any stanza is events or none, whose texts are there and whose details are
 * JSON objects.
 */
#include "components/archive/intake/occasion.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *ctx, const struct archive_event *event)
{
	json_t *detail = event->detail == NULL ? NULL :
			 json_loads(event->detail, 0, NULL);
	size_t *count = ctx;

	ensure(event->sender[0] != '\0' && event->recipient[0] != '\0');
	ensure(event->resource != NULL);
	ensure(event->about == NULL || event->about[0] != '\0');
	ensure(event->detail == NULL || json_is_object(detail));
	json_decref(detail);
	ensure(++*count <= OCCASION_INVITATIONS_MAX + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct xml *el = bed_parse(arena, NS_CLIENT, (const char *)data, size);
	struct stanza stanza = { 0 };
	struct error err = { 0 };
	size_t count = 0;

	if (el != NULL && stanza_parse(arena, el, &stanza, &err) == 0)
		occasion_find(arena, &stanza, take, &count);
	arena_free(&arena);
	return 0;
}
