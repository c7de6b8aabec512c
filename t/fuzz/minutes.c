#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/muc/minutes.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/ejabberd_record.h"
#include "shared/erlang.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/lua.h"
#include "shared/prosody_item.h"
#include "shared/spool.h"
#include "shared/str.h"
#include "shared/xml.h"

/* The input is a record of a room's archive as a router wrote it, beginning as
   such: an item of Prosody's, a term of ejabberd's, or XML. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
read_prosody(struct arena *arena, const char *text, size_t len,
	     struct spool_record *record, struct error *err)
{
	struct term *item;
	size_t used;
	int ret = lua_read_item(arena, text, len, &item, &used, err);

	return ret != 0 ? -1 : prosody_item_read(arena, item, record, err);
}

static int
read_ejabberd(struct arena *arena, const char *text, size_t len,
	      struct spool_record *record, struct error *err)
{
	struct term *term;
	size_t used;
	int ret = erlang_read_term(arena, text, len, &term, &used, err);

	return ret != 0 ? -1 : ejabberd_record_read(arena, term, record, err);
}

static int
read_record(struct arena *arena, const char *text, size_t len,
	    struct spool_record *record, struct error *err)
{
	*record = (struct spool_record){
		.user = "hall", .host = "muc.a", .key = "k",
		.stamp = 1700000000000000,
	};
	if (len > 0 && text[0] == 'i')
		return read_prosody(arena, text, len, record, err);
	if (len > 0 && text[0] == '{')
		return read_ejabberd(arena, text, len, record, err);
	record->nick = "nick";
	record->stanza = arena_dup(arena, text, len);
	return 0;
}

/* What is taken can be stored, and shown. */
static void
check(struct arena *arena, const struct archive_row *row)
{
	struct archive_row again;
	struct str text = { 0 };
	struct xml *message;
	struct error err;

	ensure(row->type == ARCHIVE_GROUPCHAT && row->sender[0] != '\0');
	archive_row_print(&text, row);
	ensure(archive_row_parse(arena, text.data, text.len, &again,
				 &err) == 0);
	ensure(archive_row_message(arena, row, &message, &err) == 0);
	str_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct minutes_scope scope = { .now = 1800000000000000 };
	struct arena *arena = arena_new();
	struct archive_shelving_item item;
	struct spool_record record;
	const struct jid *room;
	struct error err;

	if (read_record(arena, (const char *)data, size, &record, &err) == 0 &&
	    minutes_room(arena, &record, &scope, &room, &err) == 0 &&
	    minutes_check(&record, &scope, &err) == 0 &&
	    minutes_read(arena, &record, "hall@muc.a/77", &item, &err) == 0)
		check(arena, &item.row);
	arena_free(&arena);
	return 0;
}
