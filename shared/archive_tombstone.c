#include "shared/archive_tombstone.h"

#include <string.h>

#include "shared/archive_hold.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Bytes of a retraction's id that are told; it is as long as its author
   likes. */
#define ID_MAX 256

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* By an index of these alone, of which there are few at any time. */
#define IS_UNFINISHED \
	"m.flags >= 128 AND (m.body IS NOT NULL OR m.subject IS NOT NULL " \
	"OR m.thread IS NOT NULL OR m.rest IS NOT NULL)"
static const char finish_sql[] =
	"UPDATE archive_message AS m SET " ARCHIVE_TOMBSTONE_SET " "
	"WHERE " IS_UNFINISHED " AND m.serial IN "
	"(SELECT m.serial FROM archive_message m WHERE " IS_UNFINISHED " "
	"AND NOT " ARCHIVE_HOLD_COVERS " "
	"LIMIT " NUMBER(ARCHIVE_TOMBSTONE_MAX) ") RETURNING uid";

const char *
archive_tombstone_print(struct arena *arena,
			const struct archive_tombstone *tombstone)
{
	struct xml *el = xml_new(arena, NS_RETRACT, "retracted");
	const char *id = tombstone->id;
	char when[CLOCK_TEXT_SIZE];
	struct str out = { 0 };
	const char *text;

	xml_set(arena, el, "stamp", clock_print(tombstone->stamp, when));
	xml_set(arena, el, "id", id != NULL && strlen(id) <= ID_MAX ? id : "");
	if (tombstone->moderated != NULL)
		xml_append(el, xml_copy(arena, tombstone->moderated));
	if (tombstone->reason != NULL)
		xml_add_text(arena, el, NULL, "reason", tombstone->reason);
	xml_print(&out, el, NS_CLIENT);
	text = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return text;
}

void
archive_tombstone_finish(struct store *store, store_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, finish_sql, NULL, 0);
	store_commit(&batch, fn, ctx);
}
