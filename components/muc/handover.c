#include "components/muc/handover.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "components/muc/chronicle_address.h"
#include "components/muc/coverage.h"
#include "components/muc/minutes.h"
#include "components/muc/muc.h"
#include "components/muc/roomstore.h"
#include "shared/archive_import.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/store.h"
#include "shared/store_list.h"

/* A room that records are of. */
struct hall {
	const char *jid;
	const char *address;	/* of its archive; NULL: it has none */
	bool stored;		/* there is such a room */
	UT_hash_handle hh;
};

/* The one that is under way. */
struct handover {
	struct muc *muc;
	struct minutes_scope scope;
	struct arena *arena;	/* of the call: rooms are few */
	struct hall *halls;	/* those that are known, by jid */
	spool_fn *fn;		/* waits for those of a page */
	void *fn_ctx;
};

/* Persistent rooms alone are stored. */
#define FIND(jids) \
	"SELECT jid, created, enablearchiving FROM muc_room " \
	"WHERE persistentroom = 1 AND jid IN " jids

static const char find_pg[] = FIND("(SELECT unnest(CAST($1 AS TEXT[])))");
static const char find_sqlite[] = FIND("(SELECT value FROM json_each($1))");

static struct hall *
find_hall(const struct handover *handover, const char *jid)
{
	struct hall *hall;

	HASH_FIND_STR(handover->halls, jid, hall);
	return hall;
}

static void
add_hall(struct handover *handover, const char *jid)
{
	struct hall *hall = arena_alloc(handover->arena, sizeof(*hall));

	hall->jid = arena_strdup(handover->arena, jid);
	HASH_ADD_KEYPTR(hh, handover->halls, hall->jid, strlen(hall->jid),
			hall);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct handover *handover = ctx;

	for (size_t i = 0; err == NULL && i < store_rows(result); i++) {
		struct hall *hall = find_hall(handover, store_get_text(result,
								     i, 0));
		const struct options options = {
			.persistentroom = true,
			.enablearchiving = store_get_int(result, i, 2) != 0,
		};

		hall->stored = true;
		if (coverage_has(handover->muc, &options))
			hall->address = chronicle_address_of(
				hall->jid, store_get_int(result, i, 1),
				handover->arena);
	}
	handover->fn(handover->fn_ctx, err);
}

/* Those of the page that are not known yet.  Returns whether there are any. */
static bool
list_halls(struct handover *handover, const struct spool_page *page,
	   struct store_list *list)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct jid *room;
		struct error err;

		if (minutes_room(page->arena, &page->records[i],
				 &handover->scope, &room, &err) != 0 ||
		    find_hall(handover, room->bare) != NULL)
			continue;
		add_hall(handover, room->bare);
		store_list_add_text(list, room->bare);
	}
	return list->count > 0;
}

static void
prepare(void *ctx, const struct spool_page *page, spool_fn *fn, void *fn_ctx)
{
	struct handover *handover = ctx;
	struct store *store = handover->muc->runtime->store;
	const char *dialect = store_dialect(store);
	struct store_list list = { 0 };

	handover->fn = fn;
	handover->fn_ctx = fn_ctx;
	store_list_begin(&list, dialect);
	if (list_halls(handover, page, &list)) {
		roomstore_flush(&handover->muc->roomstore);
		store_read(store, strcmp(dialect, "sqlite") == 0 ?
			   find_sqlite : find_pg, STORE_VALUES(
				   store_text(store_list_end(&list))),
			   on_found, handover);
	} else {
		fn(fn_ctx, NULL);
	}
	store_list_fini(&list);
}

static int
check_hall(const struct hall *hall, struct error *err)
{
	if (!hall->stored)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "there is no such persistent room here");
	return hall->address != NULL ? 0 :
	       error_set(err, ERROR_NOT_ALLOWED,
			 "the room has no archive (enablearchiving)");
}

static int
read_record(void *ctx, struct arena *arena, const struct spool_record *record,
	    struct archive_shelving_item *item_r, struct error *err)
{
	const struct handover *handover = ctx;
	const struct hall *hall;
	const struct jid *room;
	int ret = minutes_room(arena, record, &handover->scope, &room, err);

	if (ret != 0)
		return ret;
	item_r->owner = room->bare;
	hall = find_hall(handover, room->bare);
	if (minutes_check(record, &handover->scope, err) < 0 ||
	    check_hall(hall, err) < 0)
		return -1;
	return minutes_read(arena, record, hall->address, item_r, err);
}

static void
end(void *ctx)
{
	struct handover *handover = ctx;

	HASH_CLEAR(hh, handover->halls);
	handover->muc->handover = NULL;
}

int
handover_run(struct call *call, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct handover *handover = arena_alloc(call->arena, sizeof(*handover));
	struct minutes_scope *scope = &handover->scope;
	const struct archive_import_plan plan = {
		.content = SPOOL_ROOMS, .dry = call_bool(call, "dry-run"),
		.read = read_record, .prepare = prepare, .free = end,
		.ctx = handover,
	};

	if (muc->chronicle == NULL)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "nothing is archived: setting archive");
	if (muc->handover != NULL)
		return error_set(err, ERROR_CONFLICT,
				 "another import is under way");
	*handover = (struct handover){ .muc = muc, .arena = call->arena };
	scope->now = clock_now();
	if (takeover_scope(call, &scope->from, &scope->host, err) < 0)
		return -1;
	muc->handover = handover;
	if (archive_import_new(call, &plan, err) < 0)
		return -1;
	audit_call(call, takeover_begin);
	return CALL_PARKED;
}
