#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"

/* Each line of the input is a stanza, or a word for something that happens.
   Where an address is missing, the stanza is from the host to the component.
   The database answers after each line, unless it hangs. */

#define LIMIT 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool hangs;

static struct xml *
parse(struct arena *arena, const char *text, size_t len)
{
	struct str whole = { 0 };
	struct error err;
	struct xml *el;

	str_addz(&whole, "<stream xmlns='" NS_COMPONENT "'>");
	str_add(&whole, text, len);
	str_addz(&whole, "</stream>");
	if (parser_document(arena, whole.data, whole.len,
			    &parser_limits_default, &el, &err) < 0)
		el = NULL;
	str_fini(&whole);
	return xml_child(el, NULL, NULL);
}

/* A router delivers only what is for the component. */
static bool
is_for_us(struct arena *arena, const struct xml *el)
{
	const struct jid *jid;
	struct error err;

	return jid_parsez(arena, xml_attr(el, "to"), &jid, &err) < 0 ||
	       strcmp(jid->domain, "comp.example") == 0;
}

static void
take(struct offlinebed *bed, const char *text, size_t len)
{
	struct arena *arena = arena_new();
	struct xml *el = parse(arena, text, len);

	if (el == NULL) {
		arena_free(&arena);
		return;
	}
	xml_remove(el);
	if (xml_attr(el, "from") == NULL)
		xml_set(arena, el, "from", "example");
	if (xml_attr(el, "to") == NULL)
		xml_set(arena, el, "to", "comp.example");
	if (is_for_us(arena, el))
		hookbed_take(bed->hooks, arena, el);
	else
		arena_free(&arena);
}

static bool
is_word(const char *line, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(line, word, len) == 0;
}

static void
happen(struct offlinebed *bed, const char *line, size_t len)
{
	if (is_word(line, len, "down"))
		hook_link(bed->hooks->runtime.hook, false);
	else if (is_word(line, len, "up"))
		hook_link(bed->hooks->runtime.hook, true);
	else if (is_word(line, len, "timeout"))
		fake_router_time_out(bed->hooks->runtime.router);
	else if (is_word(line, len, "drop"))
		bed->settings.at_limit = "drop";
	else if (is_word(line, len, "away"))
		fake_store_set_away(bed->store, true);
	else if (is_word(line, len, "back"))
		fake_store_set_away(bed->store, false);
	else if (is_word(line, len, "hang"))
		hangs = !hangs;
	else
		take(bed, line, len);
	if (!hangs)
		fake_store_tell(bed->store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct offlinebed *bed;

	if (size > LIMIT)
		return -1;
	hangs = false;
	bed = offlinebed_new();
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((feed ? feed : end) - at);

		happen(bed, at, len);
		at += len + 1;
	}
	offlinebed_free(&bed);
	return 0;
}
