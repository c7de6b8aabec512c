#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/archive/import/relic.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/ejabberd_record.h"
#include "shared/erlang.h"
#include "shared/error.h"
#include "shared/lua.h"
#include "shared/prosody_item.h"
#include "shared/spool.h"
#include "shared/str.h"
#include "shared/xml.h"

/* The input is a record as a router wrote it, beginning as such: an item of
   Prosody's, a term of ejabberd's, or the XML that both have in databases. */

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
		.user = "j", .host = "a", .peer = "r@b", .key = "k",
		.stamp = 1700000000000000,
	};
	if (len > 0 && text[0] == 'i')
		return read_prosody(arena, text, len, record, err);
	if (len > 0 && text[0] == '{')
		return read_ejabberd(arena, text, len, record, err);
	record->host = NULL;
	record->stanza = arena_dup(arena, text, len);
	return 0;
}

/* What is taken can be stored, and shown. */
static void
check(struct arena *arena, const struct archive_shelving_item *relic)
{
	const struct archive_row *row = &relic->row;
	struct archive_row again;
	struct str text = { 0 };
	struct xml *message;
	struct error err;

	ensure(strchr(relic->owner, '@') != NULL && row->mark.ways != 0);
	ensure(strcmp(row->sender, relic->owner) == 0 ||
	       strcmp(row->recipient, relic->owner) == 0);
	archive_row_print(&text, row);
	ensure(archive_row_parse(arena, text.data, text.len, &again,
				 &err) == 0);
	ensure(archive_row_message(arena, row, &message, &err) == 0);
	ensure(strcmp(message->name, "message") == 0);
	str_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hosts[] = { "a", NULL };
	static const struct relic_scope scope = {
		.period = { INT64_MIN, INT64_MAX }, .hosts = hosts,
		.now = 1800000000000000,
	};
	struct arena *arena = arena_new();
	struct spool_record record;
	struct archive_shelving_item relic;
	struct error err;

	if (read_record(arena, (const char *)data, size, &record, &err) == 0 &&
	    relic_read(arena, &record, &scope, &relic, &err) == 0)
		check(arena, &relic);
	arena_free(&arena);
	return 0;
}
