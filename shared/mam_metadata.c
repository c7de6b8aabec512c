#include "shared/mam_metadata.h"

#include <stddef.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/ns.h"
#include "shared/xml.h"

static void
add_message(struct arena *arena, struct xml *el, const char *name,
	    const char *id, int64_t stamp)
{
	struct xml *child = xml_add(arena, el, NULL, name);
	char when[CLOCK_TEXT_SIZE];

	xml_set(arena, child, "id", id);
	xml_set(arena, child, "timestamp",
		arena_strdup(arena, clock_print(stamp, when)));
}

struct xml *
mam_metadata_new(struct arena *arena, const struct mam_metadata *metadata)
{
	struct xml *el = xml_new(arena, NS_MAM, "metadata");

	if (metadata->start_id == NULL)
		return el;
	add_message(arena, el, "start", metadata->start_id, metadata->start);
	add_message(arena, el, "end", metadata->end_id, metadata->end);
	return el;
}
