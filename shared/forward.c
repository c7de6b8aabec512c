#include "shared/forward.h"

#include <stddef.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* The one child that is no <delay/>. */
static struct xml *
find_stanza(const struct xml *forwarded)
{
	struct xml *el = xml_child(forwarded, NULL, NULL);

	while (el != NULL && xml_is(el, NS_DELAY, "delay"))
		el = xml_next(el, NULL, NULL);
	return el;
}

int
forward_parse(struct arena *arena, const struct xml *el,
	      struct forward *forward_r, struct error *err)
{
	const struct xml *forwarded = xml_child(el, NS_FORWARD, "forwarded");
	const struct xml *delay = xml_child(forwarded, NS_DELAY, "delay");
	struct xml *inner = find_stanza(forwarded);

	*forward_r = (struct forward){ .stanza.type = "" };
	if (inner == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "there is no forwarded stanza");
	if (xml_attr(delay, "stamp") != NULL)
		clock_parse(xml_attr(delay, "stamp"), &forward_r->stamp);
	return stanza_parse_routed(arena, inner, &forward_r->stanza, err);
}

struct xml *
forward_add(struct arena *arena, struct xml *el, const struct xml *stanza,
	    int64_t stamp)
{
	struct xml *forwarded = xml_add(arena, el, NS_FORWARD, "forwarded");
	char when[CLOCK_TEXT_SIZE];

	if (stamp != 0)
		xml_set(arena, xml_add(arena, forwarded, NS_DELAY, "delay"),
			"stamp", arena_strdup(arena,
					      clock_print(stamp, when)));
	if (stanza != NULL)
		xml_append(forwarded, xml_copy(arena, stanza));
	return forwarded;
}
