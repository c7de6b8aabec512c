#include "components/muc/minutes.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/serial.h"
#include "shared/spool.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Who said it. */
struct author {
	const struct jid *real;	/* or the room, where nobody knows */
	const char *nick;	/* "": the room itself said it */
};

int
minutes_room(struct arena *arena, const struct spool_record *record,
	     const struct minutes_scope *scope, const struct jid **room_r,
	     struct error *err)
{
	const char *host = record->host == NULL ? "" : record->host;

	/* Nobody knows whose it is. */
	if (record->fault != NULL && record->host == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "%s", record->fault);
	if (scope->from != NULL && !str_same(host, scope->from))
		return ARCHIVE_IMPORT_ELSEWHERE;
	return spool_read_user(arena, record->user == NULL ? "" :
			       record->user, scope->host != NULL ?
			       scope->host : host, room_r, err);
}

/* What Prosody adds for itself. */
static int
find_real(struct arena *arena, const struct xml *message,
	  const struct jid **real_r, struct error *err)
{
	const struct xml *x = xml_child(message, NS_MUC_USER, "x");
	const struct xml *item = x == NULL ? NULL :
				 xml_child(x, NS_MUC_USER, "item");
	const char *jid = item == NULL ? NULL : xml_attr(item, "jid");

	*real_r = NULL;
	return jid == NULL ? 0 : jid_parsez(arena, jid, real_r, err);
}

/* ejabberd keeps the nick beside a message that is from the real address;
   Prosody has an occupant's address, and the real one in it. */
static int
find_author(struct arena *arena, const struct spool_record *record,
	    const struct stanza *stanza, struct author *author_r,
	    struct error *err)
{
	const struct jid *from = stanza->from, *occupant;
	const char *room = arena_printf(arena, "%s@%s", record->user,
					record->host);
	struct error own;

	author_r->real = str_same(from->bare, room) ? NULL : from;
	if (record->nick == NULL && !str_same(from->bare, room))
		return error_set(err, ERROR_BAD_REQUEST,
				 "it is not from an occupant of its room");
	if (record->nick == NULL) {
		author_r->nick = from->resource;
		if (find_real(arena, stanza->el, &author_r->real, err) < 0)
			return -1;
		return 0;
	}
	if (jid_with_resource(arena, from, record->nick, &occupant,
			      &own) < 0)
		return error_set(err, ERROR_JID_MALFORMED,
				 "its nick is none");
	author_r->nick = occupant->resource;
	return 0;
}

/* What the other service has added, as ours does when it is read. */
static void
strip(struct xml *message)
{
	static const char *const added[][2] = {
		{ NS_MUC_USER, "x" }, { NS_OCCUPANT_ID, "occupant-id" },
		{ NS_SID, "stanza-id" },
	};
	struct xml *el;

	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		while ((el = xml_child(message, added[i][0],
				       added[i][1])) != NULL)
			xml_remove(el);
}

int
minutes_check(const struct spool_record *record,
	      const struct minutes_scope *scope, struct error *err)
{
	if (record->fault != NULL)
		return error_set(err, ERROR_BAD_REQUEST, "%s", record->fault);
	return archive_import_check(record, scope->now, err);
}

int
minutes_read(struct arena *arena, const struct spool_record *record,
	     const char *address, struct archive_shelving_item *item_r,
	     struct error *err)
{
	const struct archive_mark mark = {
		.serial = serial_first_of(record->stamp),
		.stamp = record->stamp, .uid = record->key,
		.ways = ARCHIVE_RECEIVED,
	};
	struct stanza stanza = { 0 };
	struct author author;

	if (spool_read_message(arena, record->stanza, &stanza, err) < 0)
		return -1;
	if (stanza.from == NULL || !str_same(stanza.type, "groupchat"))
		return error_set(err, ERROR_BAD_REQUEST,
				 "it was not said to all in the room");
	if (find_author(arena, record, &stanza, &author, err) < 0)
		return -1;
	strip(stanza.el);
	if (author.real != NULL)
		stanza.from = author.real;
	else if (jid_parse(arena, address, strcspn(address, "/"),
			   &stanza.from, err) < 0)
		return -1;
	if (archive_row_of(arena, &stanza, &mark, &item_r->row, err) < 0)
		return -1;
	item_r->row.recipient = address;
	item_r->row.to_resource = author.nick;
	return 0;
}
