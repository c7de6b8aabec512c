#include "components/offline/letter.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook_host.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Around a message, in the stanza by which it is delivered. */
#define WRAPPING 4096

int64_t
letter_take_stamp(struct xml *message, const char *host, int64_t stamp)
{
	struct xml *el, *next;
	const char *from, *sent;
	int64_t before;

	for (el = xml_child(message, NS_DELAY, "delay"); el; el = next) {
		next = xml_next(el, NS_DELAY, "delay");
		from = xml_attr(el, "from");
		if (from == NULL || !str_same(from, host))
			continue;
		sent = xml_attr(el, "stamp");
		if (sent != NULL && clock_parse(sent, &before) == 0 &&
		    before < stamp)
			stamp = before;
		xml_remove(el);
	}
	return stamp;
}

const char *
letter_print(struct arena *arena, const struct xml *message)
{
	struct str text = { 0 };
	const char *copy;

	xml_print(&text, message, "");
	copy = arena_dup(arena, text.data, text.len);
	str_fini(&text);
	return copy;
}

bool
letter_fits(const char *text, const struct hook_host *host)
{
	return strlen(text) + WRAPPING <= host->stanza_bytes;
}

int
letter_read(struct arena *arena, const char *text,
	    const struct hook_host *host, struct xml **el_r, struct error *err)
{
	if (!letter_fits(text, host))
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "it is larger than the router takes by now");
	return parser_document(arena, text, strlen(text),
			       &parser_limits_default, el_r, err);
}
