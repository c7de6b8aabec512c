#include "components/archive/retention/matter.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "components/archive/command/period.h"
#include "components/archive/commands.h"
#include "components/archive/retention/erasure.h"
#include "shared/archive_hold.h"
#include "shared/archive_tombstone.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/store.h"

#define NAME_MAX 255
#define NOTE_MAX 4096

/* What is asked for, by the fields. */
struct matter {
	const char *name;
	const char *whose;	/* NULL: of all */
	struct period period;
	bool missing;		/* there was none to be removed */
};

static int
read_fields(struct call *call, struct error *err)
{
	struct matter *matter = arena_alloc(call->arena, sizeof(*matter));
	const struct jid *whose = call_jid(call, "whose");

	call->state = matter;
	matter->name = call_text(call, "matter");
	matter->whose = whose == NULL ? NULL : whose->bare;
	if (matter->name == NULL)
		return 0;
	if (*matter->name == '\0' || strlen(matter->name) > NAME_MAX)
		return error_set(err, ERROR_BAD_REQUEST,
				 "matter: it must have 1 to %d bytes",
				 NAME_MAX);
	return 0;
}

static void
on_added(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct call *call = ctx;
	const struct matter *matter = call->state;
	struct error own;

	/* The first time it was ours. */
	if (err == NULL && store_rows(result) == 0 &&
	    !store_is_repeated(result)) {
		error_set(&own, ERROR_CONFLICT, "%.100s is held in that "
			  "matter already: remove that first, or name the "
			  "other time as a matter of its own",
			  matter->whose);
		err = &own;
	}
	if (err == NULL)
		call_say(call, "Messages of %s are held.", matter->whose);
	call_end(call, err);
}

static void
add(struct call *call)
{
	static const char sql[] =
		"INSERT INTO archive_hold (matter, whose, since, until, who, "
		"stamp, note) VALUES ($1, $2, $3, $4, $5, $6, $7) "
		"ON CONFLICT DO NOTHING RETURNING matter";
	const struct matter *matter = call->state;
	struct store_batch *batch = store_begin(call->runtime->store);

	archive_hold_stop(call->runtime->store, batch);
	store_add(batch, sql, STORE_VALUES(
			  store_text(matter->name), store_text(matter->whose),
			  store_int(matter->period.since),
			  store_int(matter->period.until),
			  store_text(call->who), store_int(clock_now()),
			  store_text(call_text(call, "note"))));
	store_commit(&batch, on_added, call);
}

int
matter_add(struct call *call, void *ctx, struct error *err)
{
	const char *note = call_text(call, "note");
	struct matter *matter;

	(void)ctx;
	if (read_fields(call, err) < 0)
		return -1;
	matter = call->state;
	if (period_read(call, &matter->period, err) < 0)
		return -1;
	if (note != NULL && strlen(note) > NOTE_MAX)
		return error_set(err, ERROR_BAD_REQUEST,
				 "note: it has more than %d bytes", NOTE_MAX);
	audit_call(call, add);
	return CALL_PARKED;
}

static void
on_listed(struct call *call, const struct store_result *result)
{
	size_t rows = store_rows(result);

	for (size_t i = 0; i < rows; i++) {
		const char *cells[] = {
			store_get_text(result, i, 0),
			store_get_text(result, i, 1),
			period_print(call->arena, store_get_int(result, i, 2)),
			period_print(call->arena, store_get_int(result, i, 3)),
			store_get_text(result, i, 4),
			period_print(call->arena, store_get_int(result, i, 5)),
			store_get_text(result, i, 6),
		};

		call_row(call, cells);
	}
	call_say(call, rows == 1 ? "1 hold." : "%zu holds.", rows);
	call_end(call, NULL);
}

/* They are made by hand, so there is no need for pages. */
static void
list(struct call *call)
{
	static const char sql[] =
		"SELECT matter, whose, since, until, who, stamp, note "
		"FROM archive_hold WHERE "
		"matter = COALESCE(CAST($1 AS TEXT), matter) "
		"AND whose = COALESCE(CAST($2 AS TEXT), whose) "
		"ORDER BY matter, whose";
	const struct matter *matter = call->state;

	call_read(call, sql, STORE_VALUES(store_text(matter->name),
					  store_text(matter->whose)),
		  on_listed);
}

int
matter_list(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	if (read_fields(call, err) < 0)
		return -1;
	audit_call(call, list);
	return CALL_PARKED;
}

static void empty(struct call *call);

static void
on_emptied(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct call *call = ctx;
	const struct matter *matter = call->state;
	struct error own;

	if (err == NULL && store_rows(result) == ARCHIVE_TOMBSTONE_MAX) {
		empty(call);
		return;
	}
	erasure_resume(call->runtime->store);
	if (err == NULL && matter->missing) {
		error_set(&own, ERROR_ITEM_NOT_FOUND,
			  "there is no such hold");
		err = &own;
	}
	call_end(call, err);
}

/* Of what only the hold kept the text; or one that was removed before, and the
   database then failed. */
static void
empty(struct call *call)
{
	archive_tombstone_finish(call->runtime->store, on_emptied, call);
}

static void
on_resumed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	if (err != NULL)
		log_warning("archive: texts that are held no more are still "
			    "there: %s", err->text);
	else if (store_rows(result) == ARCHIVE_TOMBSTONE_MAX)
		matter_resume(ctx);
}

void
matter_resume(struct store *store)
{
	archive_tombstone_finish(store, on_resumed, store);
}

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct call *call = ctx;
	struct matter *matter = call->state;
	size_t rows;

	if (err != NULL) {
		call_end(call, err);
		return;
	}
	rows = store_rows(result);
	matter->missing = rows == 0 && !store_is_repeated(result);
	if (rows > 0)
		call_say(call, rows == 1 ? "1 hold removed." :
			 "%zu holds removed.", rows);
	empty(call);
}

static void
remove_all(struct call *call)
{
	static const char sql[] =
		"DELETE FROM archive_hold WHERE matter = $1 "
		"AND whose = COALESCE(CAST($2 AS TEXT), whose) "
		"RETURNING whose";
	const struct matter *matter = call->state;

	store_write(call->runtime->store, sql,
		    STORE_VALUES(store_text(matter->name),
				 store_text(matter->whose)),
		    on_removed, call);
}

int
matter_remove(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	if (read_fields(call, err) < 0)
		return -1;
	audit_call(call, remove_all);
	return CALL_PARKED;
}
