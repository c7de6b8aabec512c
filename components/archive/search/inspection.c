#include <inttypes.h>

#include "components/archive/commands.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/store.h"
#include "shared/str.h"

/* Entries read at a time. */
#define PAGE 500

/* The chain as far as it was followed. */
struct inspection {
	int64_t number;		/* the last entry; 0: none yet */
	char hash[DIGEST_TEXT_SIZE];	/* its */
	bool met;		/* the hash that was given */
};

enum { NUMBER, STAMP, WHO, ACTION, DETAIL, HASH };

#define COLUMNS "SELECT number, stamp, who, action, detail, hash " \
	"FROM audit_entry "

/* Verify. */

static int
follow(struct inspection *inspection, const struct store_result *result,
       size_t row, struct error *err)
{
	const char *hash = store_get_text(result, row, HASH);
	struct audit_entry entry = {
		.number = store_get_int(result, row, NUMBER),
		.stamp = store_get_int(result, row, STAMP),
		.event.who = store_get_text(result, row, WHO),
		.event.action = store_get_text(result, row, ACTION),
		.event.detail = store_get_text(result, row, DETAIL),
	};
	int64_t wanted = inspection->number + 1;

	if (entry.number != wanted)
		return error_set(err, ERROR_CONFLICT, "entry %" PRId64
				 " is missing", wanted);
	audit_hash(&entry, inspection->hash, inspection->hash);
	if (!str_same(hash, inspection->hash))
		return error_set(err, ERROR_CONFLICT, "entry %" PRId64
				 " is not what was written, or the one before "
				 "it is not", wanted);
	inspection->number = wanted;
	return 0;
}

static void
say_verified(struct call *call)
{
	const struct inspection *inspection = call->state;

	if (inspection->number == 0)
		call_say(call, "There are no entries.");
	else
		call_say(call, "Entries: %" PRId64 ", all as they were "
			 "written.  The last has the hash %s.",
			 inspection->number, inspection->hash);
}

static void
end_verifying(struct call *call)
{
	const struct inspection *inspection = call->state;
	const char *hash = call_text(call, "hash");
	struct error err;

	if (hash != NULL && !inspection->met) {
		error_set(&err, ERROR_CONFLICT, "no entry has the hash %s: "
			  "some were removed, or written anew", hash);
		call_end(call, &err);
		return;
	}
	say_verified(call);
	call_end(call, NULL);
}

static void read_page(struct call *call);

static void
on_page(struct call *call, const struct store_result *result)
{
	struct inspection *inspection = call->state;
	const char *hash = call_text(call, "hash");
	size_t rows = store_rows(result);
	struct error err = { 0 };

	for (size_t i = 0; i < rows; i++) {
		if (follow(inspection, result, i, &err) < 0) {
			call_end(call, &err);
			return;
		}
		if (hash != NULL && str_same(hash, inspection->hash))
			inspection->met = true;
	}
	call_progress(call, (uint64_t)inspection->number, 0);
	if (rows == PAGE)
		call_then(call, read_page);
	else
		end_verifying(call);
}

static void
read_page(struct call *call)
{
	static const char sql[] =
		COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
	const struct inspection *inspection = call->state;

	call_read(call, sql, STORE_VALUES(store_int(inspection->number),
					  store_int(PAGE)), on_page);
}

/* List. */

static void
tell_entry(struct call *call, const struct store_result *result, size_t row)
{
	char when[CLOCK_TEXT_SIZE];
	const char *cells[] = {
		arena_number(call->arena, store_get_int(result, row, NUMBER)),
		clock_print(store_get_int(result, row, STAMP), when),
		store_get_text(result, row, WHO),
		store_get_text(result, row, ACTION),
		store_get_text(result, row, DETAIL),
		store_get_text(result, row, HASH),
	};

	call_row(call, cells);
}

/* One more than is told says that there are more. */
static void
on_listed(struct call *call, const struct store_result *result)
{
	size_t limit = call_uint(call, "limit"), rows = store_rows(result);
	size_t told = rows < limit ? rows : limit;

	for (size_t i = 0; i < told; i++)
		tell_entry(call, result, i);
	if (told < rows)
		call_say(call, "There are more: go on with --before %" PRId64
			 ".", store_get_int(result, told - 1, NUMBER));
	else
		call_say(call, told == 1 ? "1 entry." : "%zu entries.", told);
	call_end(call, NULL);
}

static void
list(struct call *call)
{
	static const char sql[] =
		COLUMNS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
	unsigned before = call_uint(call, "before");

	call_read(call, sql, STORE_VALUES(
			  store_int(before > 0 ? before : INT64_MAX),
			  store_int((int64_t)call_uint(call, "limit") + 1)),
		  on_listed);
}

int
inspection_run(struct call *call, void *ctx, struct error *err)
{
	struct inspection *inspection =
		arena_alloc(call->arena, sizeof(*inspection));

	(void)ctx;
	(void)err;
	call->state = inspection;
	if (str_same(call_text(call, "what"), "verify"))
		read_page(call);
	else
		audit_call(call, list);
	return CALL_PARKED;
}
