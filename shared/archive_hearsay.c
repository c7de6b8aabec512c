#include "shared/archive_hearsay.h"

#include <string.h>

#include "shared/archive_about.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* The room's id of a message, so that no other room can give the same, nor
   anybody else: these have no blanks. */
static const char *
name_of(struct arena *arena, const char *id, const char *room)
{
	struct digest *digest;
	char hex[DIGEST_TEXT_SIZE];

	if (strlen(id) + 1 + strlen(room) <= ARCHIVE_UID_MAX)
		return arena_printf(arena, "%s %s", id, room);
	digest = digest_new();
	digest_add(digest, id, strlen(id) + 1);
	digest_add(digest, room, strlen(room));
	return arena_printf(arena, "%s room", digest_end(&digest, hex));
}

static const char *
find_id(const struct xml *message, const char *room)
{
	const struct xml *el = xml_child(message, NS_SID, "stanza-id");

	for (; el != NULL; el = xml_next(el, NS_SID, "stanza-id")) {
		const char *by = xml_attr(el, "by"), *id = xml_attr(el, "id");

		if (by != NULL && strcmp(by, room) == 0 && id != NULL &&
		    *id != '\0')
			return id;
	}
	return NULL;
}

static const char *
find_origin(const struct xml *message)
{
	const char *id = xml_attr(xml_child(message, NS_SID, "origin-id"),
				  "id");

	return id == NULL || *id == '\0' ||
	       strlen(id) > ARCHIVE_HEARSAY_ORIGIN_MAX ? NULL : id;
}

/* When it was said, as the room tells it; 0: just now. */
static int64_t
find_past(const struct xml *message, const char *room)
{
	const struct xml *el = xml_child(message, NS_DELAY, "delay");
	int64_t stamp;

	for (; el != NULL; el = xml_next(el, NS_DELAY, "delay")) {
		const char *from = xml_attr(el, "from");
		const char *text = xml_attr(el, "stamp");

		if ((from == NULL || strcmp(from, room) == 0) &&
		    text != NULL && clock_parse(text, &stamp) == 0 &&
		    stamp > 0)
			return stamp;
	}
	return 0;
}

/* Rooms name others by their own ids, but for what an author does with his
   own (archive_link-private.h). */
static void
name_other(struct arena *arena, const char *room, struct archive_row *row)
{
	if (row->about != NULL && row->relation != ARCHIVE_EDIT &&
	    row->relation != ARCHIVE_FASTENING)
		row->about = name_of(arena, row->about, room);
}

/* What a room says of itself. */
static void
take_heard(struct arena *arena, const struct stanza *stanza,
	   struct archive_hearsay *hearsay, struct archive_row *row)
{
	const struct jid *room = stanza->from;
	const char *id = find_id(stanza->el, room->bare);
	int64_t past = find_past(stanza->el, room->bare);

	row->sender = room->bare;
	row->to_resource = room->resource;
	row->resource = "";
	if (id != NULL) {
		hearsay->named = true;
		row->mark.uid = name_of(arena, id, room->bare);
	}
	if (past > 0 && past < row->mark.stamp) {
		hearsay->late = true;
		row->mark.stamp = past;
	}
}

int
archive_hearsay_of(struct arena *arena, const struct stanza *stanza,
		   const struct archive_mark *mark, struct archive_row *row_r,
		   struct error *err)
{
	struct archive_hearsay *hearsay = arena_alloc(arena, sizeof(*hearsay));
	bool sent = (mark->ways & ARCHIVE_SENT) != 0;
	bool heard = mark->ways != ARCHIVE_SENT;
	const struct jid *room = sent ? stanza->to : stanza->from;
	struct archive_mark own = *mark;

	own.ways = ARCHIVE_UNSEEN(ARCHIVE_RECEIVED);
	if (stanza->to == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "what is said in a room is for somebody");
	if (archive_row_of(arena, stanza, &own, row_r, err) < 0)
		return -1;
	*hearsay = (struct archive_hearsay){
		.hearer = heard ? stanza->to->full : "",
		.origin = find_origin(stanza->el), .sent = sent,
	};
	row_r->hearsay = hearsay;
	row_r->to_resource = "";
	if (!sent)
		take_heard(arena, stanza, hearsay, row_r);
	row_r->recipient = arena_printf(arena, "%s" ARCHIVE_HEARSAY_ARCHIVE,
					room->bare);
	name_other(arena, room->bare, row_r);
	return 0;
}
