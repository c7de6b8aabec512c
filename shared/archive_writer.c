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
	"SELECT last + 1, CAST($1 AS TEXT) FROM "
	"(SELECT COALESCE(max(number), 0) AS last FROM archive_writer) l "
	"WHERE last + 1 < CAST($2 AS BIGINT) AND NOT EXISTS "
	"(SELECT 1 FROM archive_writer WHERE name = CAST($1 AS TEXT)) "
	"ON CONFLICT DO NOTHING";

/* Also the last that is taken, by whomever. */
static const char find_sql[] =
	"SELECT (SELECT number FROM archive_writer WHERE name = $1), "
	"(SELECT max(number) FROM archive_writer), "
	"(SELECT last FROM archive_writer WHERE name = $1)";

/* Returns -1 when it has no number. */
static int
read_writer(const struct store_result *result,
	    struct archive_writer *writer_r, struct error *err)
{
	if (store_get_text(result, 0, 0) != NULL) {
		writer_r->number = (unsigned)store_get_int(result, 0, 0);
		writer_r->last = store_get_int(result, 0, 2);
		return 0;
	}
	if (store_get_int(result, 0, 1) >= SERIAL_WRITERS - 1)
		return error_set_type(err, ERROR_RESOURCE_CONSTRAINT,
				      ERROR_TYPE_CANCEL,
				      "too many have written to the archive");
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "another took the number at the same time");
}

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	struct search *search = ctx;
	struct archive_writer writer;
	struct error own = { 0 };

	if (err == NULL && read_writer(result, &writer, &own) < 0)
		err = &own;
	search->fn(search->ctx, err == NULL ? &writer : NULL, err);
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
	store_add(batch, add_sql, STORE_VALUES(store_text(name),
					       store_int(SERIAL_WRITERS)));
	store_add(batch, find_sql, STORE_VALUES(store_text(name)));
	store_commit(&batch, on_done, search);
}
