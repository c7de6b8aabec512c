#include "components/muc/tomb.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_address.h"
#include "components/muc/chronicle_entry.h"
#include "components/muc/history.h"
#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "shared/archive_burial.h"
#include "shared/archive_row.h"
#include "shared/archive_tombstone.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/query.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* What a message in history says of itself; NULL where it says nothing. */
struct said {
	const char *id;		/* its author's */
	const char *uid;	/* the room's */
	const char *author;	/* his pseudonym */
	const char *replaces;	/* the id of the one that it corrects */
};

/* The room has stored it, as it was sent to all. */
static struct said
read_item(struct arena *arena, const struct history_item *item)
{
	char *text = arena_printf(arena, TEMPLATE_START " xmlns='" NS_CLIENT
				  "'%s", item->text);
	struct xml *el = NULL;
	struct error err;

	if (parser_document(arena, text, strlen(text), &parser_limits_default,
			    &el, &err) < 0)
		return (struct said){ 0 };
	return (struct said){
		.id = xml_attr(el, "id"),
		.uid = xml_attr(xml_child(el, NS_SID, "stanza-id"), "id"),
		.author = xml_attr(xml_child(el, NS_OCCUPANT_ID,
					     "occupant-id"), "id"),
		.replaces = xml_attr(xml_child(el, NS_CORRECT, "replace"),
				     "id"),
	};
}

static bool
replace(struct room *room, const char *uid, const char *pseudonym,
	const char *left)
{
	const struct history_item *item;
	bool found = history_replace(room, uid, pseudonym, left, &item);

	if (item != NULL)
		roomstore_save_history(room, item);
	return found;
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const struct history_item *
find(const struct room *room, struct arena *arena, const char *uid,
     struct said *said_r)
{
	const struct history_item *item = room->history.first;

	for (; item != NULL; item = item->next) {
		if (strstr(item->text, uid) == NULL)
			continue;
		*said_r = read_item(arena, item);
		if (is_same(said_r->uid, uid))
			return item;
	}
	return NULL;
}

const char *
tomb_original(const struct room *room, struct arena *arena,
	      const struct xml *message, const char *pseudonym)
{
	const struct xml *el = xml_child(message, NS_CORRECT, "replace");
	const char *id = xml_attr(el, "id"), *original = NULL;
	const struct history_item *item;
	struct str named = { 0 };

	if (id == NULL)
		return NULL;
	xml_print_attr(&named, "id", id);
	for (item = room->history.first; item != NULL; item = item->next) {
		struct said said;

		if (strstr(item->text, named.data) == NULL)
			continue;
		said = read_item(arena, item);
		if (!is_same(said.author, pseudonym))
			continue;
		if (is_same(said.id, id))
			original = said.uid;
		else if (is_same(said.replaces, id) && item->original != NULL)
			original = arena_strdup(arena, item->original);
	}
	str_fini(&named);
	return original;
}

/* Of one that is gone. */
static bool
bury_left_behind(struct room *room, struct arena *arena, const char *target,
		 const char *pseudonym, const char *left)
{
	const struct history_item *item, *next;
	bool any = false;

	for (item = room->history.first; item != NULL; item = next) {
		struct said said;

		next = item->next;
		if (!is_same(item->original, target))
			continue;
		said = read_item(arena, item);
		if (said.uid != NULL)
			any = replace(room, said.uid, pseudonym, left) || any;
	}
	return any;
}

/* Up to the next one that he has sent by the same id. */
static void
bury_edits(struct room *room, struct arena *arena, const char *target,
	   const char *left)
{
	const struct history_item *item, *next;
	struct said first, said;

	item = find(room, arena, target, &first);
	if (item == NULL || first.author == NULL)
		return;
	for (item = item->next; item != NULL; item = next) {
		next = item->next;
		if (strstr(item->text, first.author) == NULL)
			continue;
		said = read_item(arena, item);
		if (!is_same(said.author, first.author) || said.uid == NULL)
			continue;
		if (is_same(said.id, first.id))
			return;
		if (is_same(said.replaces, first.id))
			replace(room, said.uid, NULL, left);
	}
}

bool
tomb_bury(struct room *room, const char *target, const char *pseudonym,
	  const char *left)
{
	struct arena *arena = arena_new();
	bool found = replace(room, target, pseudonym, left);

	if (found)
		bury_edits(room, arena, target, left);
	else
		found = bury_left_behind(room, arena, target, pseudonym, left);
	arena_free(&arena);
	return found;
}

bool
tomb_is_id(const char *id)
{
	return id != NULL && *id != '\0' && strlen(id) <= ARCHIVE_UID_MAX;
}

static const char *
target_of(const struct xml *message)
{
	const char *id = xml_attr(xml_child(message, NS_RETRACT, "retract"),
				  "id");

	return tomb_is_id(id) ? id : NULL;
}

int
tomb_check(const struct room *room, const struct xml *message,
	   struct error *err)
{
	const struct chronicle *chronicle = room->muc->chronicle;

	if (chronicle == NULL || target_of(message) == NULL)
		return 0;
	return chronicle_check_room(chronicle, err);
}

/* The message may be in an archive that is switched off by now. */
static void
order(struct room *room, struct arena *arena,
      const struct chronicle_entry *entry)
{
	struct chronicle_entry own = *entry;
	char id[QUERY_ID_SIZE];

	query_make_id(id);
	own.uid = id;
	own.unstored = true;
	chronicle_add(room->muc->chronicle, arena, &own);
}

void
tomb_retract(struct room *room, const struct chronicle_entry *entry,
	     const char *pseudonym, bool archived)
{
	const char *target = target_of(entry->stanza->el);
	struct arena *arena;

	if (target == NULL)
		return;
	arena = arena_new();
	tomb_bury(room, target, pseudonym, archive_tombstone_print(arena,
		&(struct archive_tombstone){
			.stamp = entry->stamp, .id = entry->stanza->id,
		}));
	if (room->muc->chronicle != NULL && !archived)
		order(room, arena, entry);
	arena_free(&arena);
}

/* In an arena of its own. */
struct recall {
	struct arena *arena;
	struct muc *muc;
	const char *jid;	/* the room's */
	const char *archive;	/* its archive's, which is of no other room of
				   that name */
	const char *target;
	const char *author;	/* a bare address; NULL: a moderator wants
				   it */
	const char *left;
};

static void
on_room(void *ctx, const struct error *err)
{
	struct recall *recall = ctx;
	struct arena *arena = recall->arena;
	struct room *room = room_find(recall->muc, recall->jid);
	char pseudonym[PSEUDONYM_SIZE];

	(void)err;
	if (room != NULL && strcmp(chronicle_address(room, arena),
				   recall->archive) == 0) {
		if (recall->author != NULL)
			pseudonym_make(room->key, recall->author, pseudonym);
		tomb_bury(room, recall->target,
			  recall->author != NULL ? pseudonym : NULL,
			  recall->left);
		/* Before the archive, behind which the journal forgets it. */
		roomstore_flush(&recall->muc->roomstore);
	}
	arena_free(&arena);
}

void
tomb_recall(void *ctx, const struct archive_row *row)
{
	struct muc *muc = ctx;
	const char *archive = row->recipient;
	struct arena *arena;
	struct recall *recall;

	if (muc->roomstore.stopped || !tomb_is_id(row->about))
		return;
	arena = arena_new();
	recall = arena_alloc(arena, sizeof(*recall));
	*recall = (struct recall){
		.arena = arena, .muc = muc,
		.jid = arena_dup(arena, archive, strcspn(archive, "/")),
		.archive = arena_strdup(arena, archive),
		.target = arena_strdup(arena, row->about),
		.author = *row->to_resource == '\0' ? NULL :
			  arena_strdup(arena, row->sender),
		.left = archive_burial_left(arena, row),
	};
	loading_wait(muc, recall->jid, on_room, recall);
}
