#include <stdlib.h>
#include <string.h>

#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/rsm.h"
#include "shared/store.h"
#include "shared/xml.h"

/* Rooms on one page, unless fewer are asked for. */
#define PAGE_MAX 200

/* As the index muc_room_public wants it. */
#define LISTED "publicroom = 1 AND persistentroom = 1 AND locked = 0 "

static const char select_after[] =
	"SELECT jid, roomname FROM muc_room WHERE " LISTED
	"AND domain = $1 AND jid > $2 ORDER BY jid LIMIT $3";
static const char select_before[] =
	"SELECT jid, roomname FROM muc_room WHERE " LISTED
	"AND domain = $1 AND jid < $2 ORDER BY jid DESC LIMIT $3";
static const char select_last[] =
	"SELECT jid, roomname FROM muc_room WHERE " LISTED
	"AND domain = $1 ORDER BY jid DESC LIMIT $2";
static const char select_count[] =
	"SELECT count(*) FROM muc_room WHERE " LISTED "AND domain = $1";

/* A page being made: of stored rooms, and of those that are only in memory
   since they are temporary. */
struct page {
	struct request *req;
	struct muc *muc;
	struct rsm rsm;
	struct listed *entries;
	size_t count, size;
};

static bool
is_backward(const struct page *page)
{
	return page->rsm.mode == RSM_BEFORE || page->rsm.mode == RSM_LAST;
}

static void
add(struct page *page, const char *jid, const char *name)
{
	struct arena *arena = page->req->arena;
	struct listed *entry;

	if (page->count == page->size) {
		size_t size = page->size ? page->size * 2 : 64;
		struct listed *more = arena_alloc(arena, size * sizeof(*more));

		if (page->count != 0)
			memcpy(more, page->entries,
			       page->count * sizeof(*more));
		page->entries = more;
		page->size = size;
	}
	entry = &page->entries[page->count++];
	entry->jid = arena_strdup(arena, jid);
	entry->name = *name ? arena_strdup(arena, name) :
		      arena_dup(arena, jid, strcspn(jid, "@"));
}

static int
compare(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return strcmp(x->jid, y->jid);
}

/* As many as a page can hold, from where it begins. */
static void
add_temporary(struct page *page)
{
	struct listing *listing = &page->muc->listing;
	const struct rsm *rsm = &page->rsm;
	size_t from = 0, to;

	listing_refresh(listing, page->muc->rooms,
			uv_now(page->muc->runtime->loop));
	to = listing->count;
	if (rsm->mode == RSM_AFTER)
		from = listing_upto(listing, rsm->item);
	else if (rsm->mode == RSM_BEFORE)
		to = listing_before(listing, rsm->item);
	if (to - from > rsm->max && is_backward(page))
		from = to - rsm->max;
	else if (to - from > rsm->max)
		to = from + rsm->max;
	for (; from < to; from++)
		add(page, listing->rooms[from].jid, listing->rooms[from].name);
}

/* Sorts, and leaves those that are nearest to where the page begins. */
static void
cut(struct page *page)
{
	size_t excess;

	if (page->count != 0)
		qsort(page->entries, page->count, sizeof(*page->entries),
		      compare);
	if (page->count <= page->rsm.max)
		return;
	excess = page->count - page->rsm.max;
	if (is_backward(page))
		page->entries += excess;
	page->count -= excess;
}

/* Of an unknown number, a full page may not be all. */
static bool
is_part(const struct page *page, long count)
{
	if (count < 0)
		return page->count >= page->rsm.max;
	return count > (long)page->count;
}

static void
answer(struct page *page)
{
	int64_t stored = listing_stored(&page->muc->listing);
	struct arena *arena = page->req->arena;
	struct xml *query = disco_query(arena, NS_DISCO_ITEMS,
					xml_attr(page->req->payload, "node"));
	struct rsm_page set = { .index = -1, .count = -1 };

	if (stored >= 0)
		set.count = (long)stored + (long)page->muc->listing.count;
	for (size_t i = 0; i < page->count; i++)
		disco_add_item(arena, query, page->entries[i].jid,
			       page->entries[i].name, NULL);
	if (page->count != 0) {
		set.first = page->entries[0].jid;
		set.last = page->entries[page->count - 1].jid;
	}
	if (page->rsm.mode != RSM_NONE || is_part(page, set.count))
		rsm_add(arena, query, &set);
	request_reply(page->req, query);
	request_finish(page->req, NULL);
}

static void
on_count(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct page *page = ctx;
	struct muc *muc = page->muc;

	listing_counted(&muc->listing,
			err != NULL ? -1 : store_get_int(result, 0, 0),
			uv_now(muc->runtime->loop));
	answer(page);
}

static void
on_rooms(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct page *page = ctx;

	if (err != NULL) {
		request_finish(page->req, err);
		return;
	}
	for (size_t i = 0; i < store_rows(result); i++)
		add(page, store_get_text(result, i, 0),
		    store_get_text(result, i, 1));
	add_temporary(page);
	cut(page);
	if (listing_count(&page->muc->listing,
			  uv_now(page->muc->runtime->loop)))
		store_read(page->muc->runtime->store, select_count,
			   STORE_VALUES(store_text(page->muc->runtime->domain)),
			   on_count, page);
	else
		answer(page);
}

static void
read_rooms(struct page *page)
{
	const struct runtime *runtime = page->muc->runtime;
	struct store_value domain = store_text(runtime->domain);
	struct store_value max = store_int((int64_t)page->rsm.max);

	roomstore_flush(&page->muc->roomstore);
	if (page->rsm.mode == RSM_LAST)
		store_read(runtime->store, select_last,
			   STORE_VALUES(domain, max), on_rooms, page);
	else if (page->rsm.mode == RSM_BEFORE)
		store_read(runtime->store, select_before,
			   STORE_VALUES(domain, store_text(page->rsm.item),
					max), on_rooms, page);
	else
		store_read(runtime->store, select_after,
			   STORE_VALUES(domain,
					store_text(page->rsm.item ?
						   page->rsm.item : ""),
					max), on_rooms, page);
}

/* The public rooms, page by page: section 6.3, XEP-0059. */
int
muc_on_rooms(struct request *req, void *ctx, struct error *err)
{
	struct page *page = arena_alloc(req->arena, sizeof(*page));

	page->req = req;
	page->muc = ctx;
	/* Of the service's commands, or nothing. */
	if (disco_check_no_node(req->payload, err) < 0)
		return HANDLER_DECLINE;
	if (rsm_parse(req->arena, req->payload, PAGE_MAX, &page->rsm, err) < 0)
		return -1;
	if (page->rsm.mode == RSM_INDEX)
		return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
				 "rooms are paged by address");
	read_rooms(page);
	return REQUEST_PARKED;
}
