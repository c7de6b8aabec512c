#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/script.h"

/* The input is a script.  Where an address is missing, the stanza is from the
   host to the component.  The database answers after each line, unless it
   hangs. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool hangs;

static void
take(struct offlinebed *bed, const char *line, size_t len)
{
	struct arena *arena = arena_new();
	struct xml *el = script_stanza(arena, line, len, "example",
				       "comp.example");

	if (el != NULL && script_is_for("comp.example", el))
		hookbed_take(bed->hooks, arena, el);
	else
		arena_free(&arena);
}

static void
happen(void *ctx, const char *line, size_t len)
{
	struct offlinebed *bed = ctx;

	if (strcmp(line, "down") == 0)
		hook_link(bed->hooks->runtime.hook, false);
	else if (strcmp(line, "up") == 0)
		hook_link(bed->hooks->runtime.hook, true);
	else if (strcmp(line, "timeout") == 0)
		fake_router_time_out(bed->hooks->runtime.router);
	else if (strcmp(line, "drop") == 0)
		bed->settings.at_limit = "drop";
	else if (strcmp(line, "away") == 0)
		fake_store_set_away(bed->store, true);
	else if (strcmp(line, "back") == 0)
		fake_store_set_away(bed->store, false);
	else if (strcmp(line, "hang") == 0)
		hangs = !hangs;
	else
		take(bed, line, len);
	if (!hangs)
		fake_store_tell(bed->store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct offlinebed *bed = offlinebed_new();
	int ret;

	hangs = false;
	ret = script_play(data, size, happen, bed);
	offlinebed_free(&bed);
	return ret;
}
