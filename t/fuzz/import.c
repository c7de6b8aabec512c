#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/offline/entry.h"
#include "shared/arena.h"
#include "shared/ejabberd_record.h"
#include "shared/erlang.h"
#include "shared/error.h"
#include "shared/lua.h"
#include "shared/parser.h"
#include "shared/prosody_item.h"
#include "shared/spool.h"
#include "shared/xml.h"

/* The input is a record as a router wrote it, beginning as such. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
read_prosody(struct arena *arena, const char *text, size_t len,
	     struct spool_record *record, struct error *err)
{
	struct term *item;
	size_t used;
	int ret = lua_read_item(arena, text, len, &item, &used, err);

	ensure(used <= len);
	return ret != 0 ? -1 : prosody_item_read(arena, item, record, err);
}

static int
read_ejabberd(struct arena *arena, const char *text, size_t len,
	      struct spool_record *record, struct error *err)
{
	struct term *term;
	size_t used;
	int ret = erlang_read_term(arena, text, len, &term, &used, err);

	ensure(used <= len);
	return ret != 0 ? -1 : ejabberd_record_read(arena, term, record, err);
}

/* What is taken can be delivered. */
static void
check(struct arena *arena, const struct entry *entry)
{
	const char *stanza = entry->message.stanza;
	struct error err;
	struct xml *el;

	ensure(strchr(entry->jid, '@') != NULL);
	ensure(parser_document(arena, stanza, strlen(stanza),
			       &parser_limits_default, &el, &err) == 0);
	ensure(strcmp(el->name, "message") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct entry_scope scope;
	struct arena *arena = arena_new();
	struct spool_record record = { .user = "juliet", .host = "a" };
	const char *text = (const char *)data;
	struct entry entry;
	struct error err;
	int ret = size > 0 && text[0] == 'i' ?
		  read_prosody(arena, text, size, &record, &err) :
		  read_ejabberd(arena, text, size, &record, &err);

	if (ret == 0 &&
	    entry_read(arena, &record, &scope, 1, &entry, &err) == 0)
		check(arena, &entry);
	arena_free(&arena);
	return 0;
}
