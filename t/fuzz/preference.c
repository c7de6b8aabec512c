#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/archive/keep/preference.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is printed reads the same. */
static void
check(struct arena *arena, const struct xml *el)
{
	struct preference preference, again;
	struct error err = { 0 };

	if (preference_parse(arena, el, &preference, &err) < 0) {
		ensure(err.cond != ERROR_NONE);
		return;
	}
	ensure(strlen(preference.always) <= PREFERENCE_BYTES);
	ensure(strlen(preference.never) <= PREFERENCE_BYTES);
	ensure(preference_parse(arena, preference_print(arena, &preference),
				&again, &err) == 0);
	ensure(preference.never_others == again.never_others);
	ensure(strcmp(preference.always, again.always) == 0);
	ensure(strcmp(preference.never, again.never) == 0);
	preference_wants(&preference, "a@b", "c");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct xml *el;
	struct error err;

	if (parser_document(arena, (const char *)data, size,
			    &parser_limits_default, &el, &err) == 0)
		check(arena, el);
	arena_free(&arena);
	return 0;
}
