#include "t/lib/script.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define SCRIPT_BYTES 20000

int
script_play(const uint8_t *data, size_t size, script_fn *on, void *ctx)
{
	char line[SCRIPT_BYTES + 1];
	const char *at = (const char *)data, *end = at + size;

	if (size > SCRIPT_BYTES)
		return -1;
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((feed != NULL ? feed : end) - at);

		memcpy(line, at, len);
		line[len] = '\0';
		on(ctx, line, len);
		at += len + 1;
	}
	return 0;
}

struct xml *
script_stanza(struct arena *arena, const char *line, size_t len,
	      const char *from, const char *to)
{
	struct xml *el = bed_parse(arena, NS_COMPONENT, line, len);

	if (el == NULL)
		return NULL;
	if (xml_attr(el, "from") == NULL)
		xml_set(arena, el, "from", from);
	if (xml_attr(el, "to") == NULL)
		xml_set(arena, el, "to", to);
	return el;
}

/* What has no address is refused by the component itself. */
bool
script_is_for(const char *domain, const struct xml *el)
{
	struct arena *arena = arena_new();
	const struct jid *jid;
	struct error err;
	bool is = jid_parsez(arena, xml_attr(el, "to"), &jid, &err) < 0 ||
		  strcmp(jid->domain, domain) == 0;

	arena_free(&arena);
	return is;
}
