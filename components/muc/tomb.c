#include "components/muc/tomb.h"

#include <stddef.h>
#include <string.h>

#include "components/muc/erasure.h"
#include "components/muc/history.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Bytes of a retraction's id that a tombstone repeats; it is as long as its
   author likes. */
#define ID_MAX 256

const char *
tomb_print(struct arena *arena, const struct tomb *tomb)
{
	struct xml *el = xml_new(arena, NS_RETRACT, "retracted");
	char when[CLOCK_TEXT_SIZE];
	struct str out = { 0 };
	const char *text;

	xml_set(arena, el, "stamp", clock_print(clock_now(), when));
	xml_set(arena, el, "id", tomb->id);
	if (tomb->moderated != NULL)
		xml_append(el, xml_copy(arena, tomb->moderated));
	if (tomb->reason != NULL)
		xml_add_text(arena, el, NULL, "reason", tomb->reason);
	xml_print(&out, el, NS_CLIENT);
	text = arena_strdup(arena, out.data);
	str_fini(&out);
	return text;
}

bool
tomb_bury(struct room *room, const char *target, const char *pseudonym,
	  const char *left)
{
	const struct history_item *item;
	bool found = history_replace(room, target, pseudonym, left, &item);

	if (item != NULL)
		roomstore_save_history(room, item);
	return found;
}

bool
tomb_is_id(const char *id)
{
	return id != NULL && strlen(id) == QUERY_ID_SIZE - 1;
}

static const char *
target_of(const struct xml *message)
{
	const char *id = xml_attr(xml_child(message, NS_RETRACT, "retract"),
				  "id");

	return tomb_is_id(id) ? id : NULL;
}

int
tomb_check(const struct occupant *who, const struct xml *message,
	   struct error *err)
{
	const struct muc *muc = who->room->muc;

	if (muc->chronicle == NULL || target_of(message) == NULL)
		return 0;
	return erasure_check(muc, who->jid, true, err);
}

void
tomb_retract(const struct request *req, const struct occupant *who)
{
	const char *target = target_of(req->stanza.el);
	const char *id = req->stanza.id;
	const struct tomb tomb = {
		.id = id != NULL && strlen(id) <= ID_MAX ? id : "",
	};
	struct room *room = who->room;
	const char *left;

	if (target == NULL)
		return;
	left = tomb_print(req->arena, &tomb);
	tomb_bury(room, target, who->pseudonym, left);
	/* It may be in an archive that is switched off by now. */
	if (room->muc->chronicle != NULL)
		erasure_start(&(struct erasure_plan){
			.room = room, .asker = who->jid, .uid = target,
			.author = who->jid, .left = left,
		});
}
