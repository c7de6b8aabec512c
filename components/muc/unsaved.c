#include "components/muc/unsaved.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/rows.h"
#include "shared/error.h"
#include "shared/str.h"

/* How many stored messages may lie beyond those that are kept, before they
   are deleted together. */
#define TRIM_EVERY 16

/* With more of them than this the whole list is written. */
#define AFFILIATES_MAX 1000

struct unsaved_affiliate {
	char *jid;
	struct unsaved_affiliate *next;
};

struct unsaved_session {
	int64_t serial;
	struct unsaved_session *next;
};

void
unsaved_add_affiliate(struct room *room, const char *jid)
{
	struct unsaved *unsaved = &room->unsaved;
	struct unsaved_affiliate *one;

	if (unsaved->affiliate_count == AFFILIATES_MAX) {
		unsaved->all = true;
		return;
	}
	one = calloc(1, sizeof(*one));
	ensure(one != NULL);
	one->jid = str_dup(jid);
	LL_PREPEND(unsaved->affiliates, one);
	unsaved->affiliate_count++;
}

void
unsaved_add_session(struct session *session)
{
	session->unsaved = true;
	session->occupant->room->unsaved.sessions = true;
}

/* Those that have no row yet need no word; so there are never more of these
   than rows. */
void
unsaved_drop_session(struct session *session)
{
	struct unsaved_session *one;

	if (!session->stored)
		return;
	ensure((one = calloc(1, sizeof(*one))) != NULL);
	one->serial = session->serial;
	LL_PREPEND(session->occupant->room->unsaved.gone, one);
}

void
unsaved_mark_saved(struct room *room)
{
	struct unsaved *unsaved = &room->unsaved;
	const struct history *history = &room->history;

	unsaved_clear(room);
	unsaved->stored = true;
	unsaved->all = unsaved->row = unsaved->sessions = false;
	unsaved->message = history->serial;
	unsaved->trimmed = history->first != NULL ? history->first->serial : 0;
	for (struct session *at = room->sessions; at; at = at->hh.next) {
		at->unsaved = false;
		at->stored = rows_keep_people(room);
	}
}

static void
write_sessions(struct room *room, struct store_batch *batch)
{
	struct unsaved *unsaved = &room->unsaved;

	for (struct unsaved_session *at = unsaved->gone; at; at = at->next)
		rows_delete_session(batch, room, at->serial);
	if (!unsaved->sessions)
		return;
	unsaved->sessions = false;
	for (struct session *at = room->sessions; at; at = at->hh.next) {
		if (!at->unsaved)
			continue;
		rows_add_session(batch, at);
		at->unsaved = false;
		at->stored = true;
	}
}

static void
write_messages(struct room *room, struct store_batch *batch)
{
	struct unsaved *unsaved = &room->unsaved;
	const struct history *history = &room->history;

	rows_add_messages(batch, room, unsaved->message);
	unsaved->message = history->serial;
	if (history->first == NULL ||
	    history->first->serial < unsaved->trimmed + TRIM_EVERY)
		return;
	rows_trim_messages(batch, room);
	unsaved->trimmed = history->first->serial;
}

void
unsaved_write(struct room *room, struct store_batch *batch)
{
	struct unsaved *unsaved = &room->unsaved;

	if (unsaved->all || !unsaved->stored) {
		rows_add_all(batch, room);
		unsaved_mark_saved(room);
		return;
	}
	if (unsaved->row)
		rows_add_room(batch, room);
	unsaved->row = false;
	for (struct unsaved_affiliate *at = unsaved->affiliates; at != NULL;
	     at = at->next)
		rows_add_affiliate(batch, room, at->jid);
	write_messages(room, batch);
	write_sessions(room, batch);
	unsaved_clear(room);
}

void
unsaved_clear(struct room *room)
{
	struct unsaved *unsaved = &room->unsaved;

	while (unsaved->affiliates != NULL) {
		struct unsaved_affiliate *one = unsaved->affiliates;

		LL_DELETE(unsaved->affiliates, one);
		free(one->jid);
		free(one);
	}
	unsaved->affiliate_count = 0;
	while (unsaved->gone != NULL) {
		struct unsaved_session *one = unsaved->gone;

		LL_DELETE(unsaved->gone, one);
		free(one);
	}
}
