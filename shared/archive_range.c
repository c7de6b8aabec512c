#include "shared/archive_range.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/archive_account.h"
#include "shared/archive_owner-private.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/mam_query.h"
#include "shared/serial.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* How much the router's clock may be ahead of ours. */
#define AHEAD (3600LL * CLOCK_SECOND)
#define LAST_TIME (INT64_MAX / SERIAL_WRITERS)

struct call {
	struct archive_range_search search;
	struct archive_range range;
	int64_t *ids;
	archive_range_fn *fn;
	void *ctx;
};

int64_t
archive_range_after(int64_t start)
{
	if (start <= AHEAD)
		return 0;
	if (start - AHEAD > LAST_TIME)
		return INT64_MAX;
	return serial_first_of(start - AHEAD) - 1;
}

int64_t
archive_range_before(int64_t end)
{
	if (end >= LAST_TIME - ARCHIVE_RANGE_LATE)
		return INT64_MAX;
	if (end < -ARCHIVE_RANGE_LATE)
		return 0;
	return serial_first_of(end + ARCHIVE_RANGE_LATE + 1);
}

#define ID(jid) "(SELECT a.id FROM archive_address a WHERE a.jid = " jid ")"
#define BORN ARCHIVE_ACCOUNT_BORN(ID("$1"))

/* The addresses, and since when the owner has his, in a row without a uid; and
   what each uid is stored as first, which stands for all.  Each is looked up by
   itself, and with no other index: a plan that was made while a month was empty
   is used when it is not. */
#define FIND(has, uids) \
	"SELECT CAST(NULL AS TEXT), " ID("$1") ", " ID("$2") ", " BORN " " \
	"UNION ALL " \
	"SELECT u.uid, (SELECT min(t.serial) FROM archive_message t " \
	"WHERE t.uid = u.uid AND t.serial + 0 > " BORN " " \
	"AND " has(ID("$1")) "), NULL, NULL FROM " uids

#define FIND_EACH(uids) { \
	[ARCHIVE_OF_ACCOUNT] = FIND(ARCHIVE_OWNER_ACCOUNT_HAS, uids), \
	[ARCHIVE_OF_ROOM] = FIND(ARCHIVE_OWNER_ROOM_HAS, uids), \
}

static const char *const find_pg[ARCHIVE_KINDS] =
	FIND_EACH("unnest(CAST($3 AS TEXT[])) AS u (uid)");
static const char *const find_sqlite[ARCHIVE_KINDS] =
	FIND_EACH("(SELECT value AS uid FROM json_each($3)) AS u");

/* NULL where the page begins at none. */
static const char *
page_item(const struct rsm *rsm, enum rsm_mode mode)
{
	return rsm->mode == mode && !rsm->count_only ? rsm->item : NULL;
}

static void
come_after(struct archive_range *range, int64_t serial)
{
	if (serial > range->after)
		range->after = serial;
}

static void
come_before(struct archive_range *range, int64_t serial)
{
	if (serial < range->before)
		range->before = serial;
}

static bool
is_same(const char *name, const char *uid)
{
	return name != NULL && str_same(name, uid);
}

static void
take_place(struct call *call, const char *uid, int64_t serial)
{
	const struct mam_query *query = call->search.query;
	const struct mam_filter *filter = &query->filter;
	struct archive_range *range = &call->range;

	if (is_same(filter->after_id, uid) ||
	    is_same(page_item(&query->rsm, RSM_AFTER), uid))
		come_after(range, serial);
	if (is_same(filter->before_id, uid) ||
	    is_same(page_item(&query->rsm, RSM_BEFORE), uid))
		come_before(range, serial);
	for (size_t i = 0; i < filter->ids_count; i++)
		if (is_same(filter->ids[i], uid))
			call->ids[i] = serial;
}

static int
take_result(struct call *call, const struct store_result *result,
	    struct error *err)
{
	for (size_t i = 0; i < store_rows(result); i++) {
		const char *uid = store_get_text(result, i, 0);
		int64_t found = store_get_int(result, i, 1);

		if (uid == NULL) {
			call->range.owner = found;
			call->range.with = store_get_int(result, i, 2);
			come_after(&call->range, store_get_int(result, i, 3));
		} else if (found == 0) {
			return error_set(err, ERROR_ITEM_NOT_FOUND,
					 "no such message in the archive");
		} else {
			take_place(call, uid, found);
		}
	}
	return 0;
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct call *call = ctx;
	struct error own = { 0 };

	if (err == NULL && take_result(call, result, &own) < 0)
		err = &own;
	call->fn(call->ctx, err == NULL ? &call->range : NULL, err);
	free(call);
}

static void
add_uid(struct store_list *uids, const char *uid)
{
	if (uid != NULL)
		store_list_add_text(uids, uid);
}

static void
list_uids(struct store_list *uids, const struct mam_query *query)
{
	const struct mam_filter *filter = &query->filter;

	add_uid(uids, filter->after_id);
	add_uid(uids, filter->before_id);
	add_uid(uids, query->rsm.item);
	for (size_t i = 0; i < filter->ids_count; i++)
		add_uid(uids, filter->ids[i]);
}

static struct call *
new_call(const struct archive_range_search *search)
{
	const struct mam_filter *filter = &search->query->filter;
	struct call *call = calloc(1, sizeof(*call));

	ensure(call != NULL);
	call->search = *search;
	call->ids = arena_alloc(search->arena, (filter->ids_count + 1) *
				sizeof(*call->ids));
	call->range = (struct archive_range){
		.after = archive_range_after(filter->start),
		.before = archive_range_before(filter->end),
		.ids = call->ids, .ids_count = filter->ids_count,
	};
	return call;
}

void
archive_range_find(const struct archive_range_search *search,
		   archive_range_fn *fn, void *ctx)
{
	const struct jid *with = search->query->filter.with;
	const struct archive_owner *owner = search->owner;
	const char *dialect = store_dialect(search->store);
	bool is_sqlite = strcmp(dialect, "sqlite") == 0;
	struct call *call = new_call(search);
	struct store_list uids = { 0 };

	call->fn = fn;
	call->ctx = ctx;
	store_list_begin(&uids, dialect);
	list_uids(&uids, search->query);
	store_read(search->store, (is_sqlite ? find_sqlite : find_pg)
		   [owner->kind], STORE_VALUES(store_text(owner->jid),
				store_text(with != NULL ? with->bare : NULL),
				store_text(store_list_end(&uids))),
		   on_found, call);
	store_list_fini(&uids);
}
