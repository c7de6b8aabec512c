#include "shared/archive_writer.h"

#include <stdlib.h>

#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"

struct search {
	archive_writer_fn *fn;
	void *ctx;
};

/* Numbers are few, so none is lost to one that is known. */
static const char add_sql[] =
	"INSERT INTO archive_writer (number, name) "
	"SELECT (SELECT COALESCE(max(number), 0) + 1 FROM archive_writer), "
	"CAST($1 AS TEXT) WHERE NOT EXISTS "
	"(SELECT 1 FROM archive_writer WHERE name = CAST($1 AS TEXT)) "
	"ON CONFLICT DO NOTHING";

static const char find_sql[] =
	"SELECT number FROM archive_writer WHERE name = $1";

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	struct search *search = ctx;
	struct error own = { 0 };
	int64_t number = 0;

	if (err == NULL && store_rows(result) == 0)
		error_set_type(&own, ERROR_RESOURCE_CONSTRAINT,
			       ERROR_TYPE_WAIT,
			       "another took the number at the same time");
	else if (err == NULL)
		number = store_get_int(result, 0, 0);
	if (number >= SERIAL_WRITERS)
		error_set_type(&own, ERROR_RESOURCE_CONSTRAINT,
			       ERROR_TYPE_CANCEL,
			       "too many have written to the archive");
	if (own.cond != ERROR_NONE)
		err = &own;
	search->fn(search->ctx, err == NULL ? (unsigned)number : 0, err);
	free(search);
}

void
archive_writer_find(struct store *store, const char *name,
		    archive_writer_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);
	struct search *search = malloc(sizeof(*search));

	ensure(search != NULL);
	*search = (struct search){ fn, ctx };
	store_add(batch, add_sql, STORE_VALUES(store_text(name)));
	store_add(batch, find_sql, STORE_VALUES(store_text(name)));
	store_commit(&batch, on_done, search);
}
