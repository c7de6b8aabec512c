#include "components/muc/filter.h"

#include <string.h>

#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Whether the address is the room's, as clients would read it, or names
   nobody. */
static bool
is_room(const struct room *room, const char *address)
{
	const struct jid *jid;
	struct arena *arena;
	bool is;

	if (address == NULL)
		return true;
	arena = arena_new();
	is = jid_parsez(arena, address, &jid, &(struct error){ 0 }) < 0 ||
	     strcmp(jid->bare, room->jid) == 0;
	arena_free(&arena);
	return is;
}

/* By XEP-0203, or by XEP-0091 before it, which clients still read. */
static bool
is_delay(const struct xml *el)
{
	return xml_is(el, NS_DELAY, "delay") || xml_is(el, NS_DELAY_OLD, "x");
}

static bool
is_forged(const struct room *room, const struct xml *el)
{
	if (str_same(el->ns, NS_MUC_USER) || str_same(el->ns, NS_MUC) ||
	    str_same(el->ns, NS_OCCUPANT_ID))
		return true;
	if (xml_is(el, NS_SID, "stanza-id"))
		return is_room(room, xml_attr(el, "by"));
	if (is_delay(el))
		return is_room(room, xml_attr(el, "from"));
	return false;
}

void
filter_print(struct str *out, const struct room *room,
	     const struct xml *stanza)
{
	for (const struct xml *el = stanza->first; el != NULL; el = el->next)
		if (el->name != NULL && !is_forged(room, el))
			xml_print(out, el, NS_CLIENT);
}

void
filter_message(const struct room *room, bool owner, const struct xml *delay,
	       struct xml *message)
{
	struct xml *el, *next;

	for (el = message->first; el != NULL; el = next) {
		next = el->next;
		if (el->name == NULL || is_forged(room, el) ||
		    str_same(el->ns, NS_DELAY_OLD) ||
		    (!owner && el != delay && str_same(el->ns, NS_DELAY)))
			xml_remove(el);
	}
}

void
filter_read_error(struct arena *arena, const struct xml *stanza,
		  struct error *err_r)
{
	stanza_read_error(arena, stanza, err_r);
	err_r->text[0] = '\0';
}

/* Namespaces count as often as xml_print() writes them, so that little on the
   way in cannot be much on the way out. */
static size_t
length(const struct xml *el, const char *outer_ns)
{
	size_t len = 0;

	if (el->name == NULL)
		return strlen(el->text);
	if (strcmp(el->ns, outer_ns) != 0)
		len += strlen(el->ns) + strlen(" xmlns=''");
	for (const struct xml_attr *at = el->attrs; at; at = at->next) {
		len += strlen(at->name) + strlen(at->value) + 4;
		if (at->ns != NULL)
			len += strlen(at->ns) + strlen(" xmlns:a0='' a0:");
	}
	for (const struct xml *child = el->first; child; child = child->next)
		len += length(child, el->ns);
	return len + 2 * strlen(el->name) + 5;
}

size_t
filter_length(const struct xml *stanza)
{
	return length(stanza, stanza->ns);
}
