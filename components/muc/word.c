#include "components/muc/word.h"

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/ns.h"
#include "shared/xml.h"

struct xml *
word_new_invite(const struct room *room, struct arena *arena, const char *from,
		const char *to, struct xml **message_r)
{
	struct xml *message = stanza_new(arena, "message", room->jid, to,
					 NULL);
	struct xml *x = xml_add(arena, message, NS_MUC_USER, "x");
	struct xml *el = xml_add(arena, x, NULL, "invite");

	xml_set(arena, el, "from", from);
	if (room->options.passwordprotectedroom)
		xml_add_text(arena, x, NULL, "password",
			     room->options.roomsecret);
	*message_r = message;
	return el;
}

void
word_invite(const struct room *room, struct arena *arena, const char *to,
	    const char *reason)
{
	struct xml *message, *el = word_new_invite(room, arena, room->jid, to,
						   &message);

	if (reason != NULL)
		xml_add_text(arena, el, NULL, "reason", reason);
	runtime_send(room->muc->runtime, message);
}

void
word_affiliation(const struct room *room, struct arena *arena, const char *jid,
		 enum affiliation affiliation)
{
	struct xml *message = stanza_new(arena, "message", room->jid, jid,
					 NULL);
	struct xml *x = xml_add(arena, message, NS_MUC_USER, "x");
	struct xml *item = xml_add(arena, x, NULL, "item");

	xml_set(arena, item, "affiliation", affiliation_name(affiliation));
	xml_set(arena, item, "jid", jid);
	xml_set(arena, xml_add(arena, x, NULL, "status"), "code", "101");
	runtime_send(room->muc->runtime, message);
}
