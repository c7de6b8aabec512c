#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "components/archive/commands.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/request.h"
#include "shared/store.h"

/* With fewer messages what is measured is mostly empty space. */
#define MEASURED_MIN 10000
/* What a message takes without its text, indexes included, and what a
   character does, where nothing was measured. */
#define USUAL_BYTES 300.0
#define USUAL_CHARACTER 1.0
/* For what nobody thought of. */
#define SAFETY 1.5

/* How many there are, and the bytes of all; of the text of some, how many these
   are, its characters and its bytes.  To count very many would take minutes, so
   of these the statistics tell. */
#define OF_SOME(octets) \
	"(SELECT COUNT(*) AS n, COALESCE(SUM(LENGTH(body)), 0) AS chars, " \
	"COALESCE(SUM(" octets "), 0) AS octets " \
	"FROM (SELECT body FROM archive_message LIMIT 10000) AS s) AS t"

static const char pg_sql[] =
	"SELECT CAST(CASE WHEN few < 100000 THEN few "
	"ELSE GREATEST(many, few) END AS BIGINT), CAST(bytes AS BIGINT), "
	"n, chars, octets FROM "
	"(SELECT COUNT(*) AS few FROM (SELECT 1 FROM archive_message "
	"LIMIT 100000) AS m) AS f, "
	"(SELECT SUM(pg_total_relation_size(i.inhrelid)) AS bytes, "
	"SUM(GREATEST(c.reltuples, 0)) AS many FROM pg_inherits i "
	"JOIN pg_class c ON c.oid = i.inhrelid "
	"WHERE i.inhparent = to_regclass('archive_message')) AS p, "
	OF_SOME("OCTET_LENGTH(body)");

/* Of SQLite the whole file. */
static const char sqlite_sql[] =
	"SELECT (SELECT COUNT(*) FROM archive_message), "
	"(page_count - freelist_count) * page_size, n, chars, octets "
	"FROM pragma_page_count(), pragma_freelist_count(), "
	"pragma_page_size(), " OF_SOME("LENGTH(CAST(body AS BLOB))");

enum { COUNT, BYTES, SOME, CHARACTERS, OCTETS };

/* What a message and a character take. */
struct measure {
	double message, character;
	int64_t count;		/* of what was measured; 0: nothing was */
	double each, characters;	/* of these, on the average */
};

static struct measure
measure_of(const struct store_result *result)
{
	int64_t count = store_get_int(result, 0, COUNT);
	double some = (double)store_get_int(result, 0, SOME);
	double characters = (double)store_get_int(result, 0, CHARACTERS);
	double octets = (double)store_get_int(result, 0, OCTETS);
	struct measure measure = { USUAL_BYTES, USUAL_CHARACTER, 0, 0, 0 };

	if (count < MEASURED_MIN || characters <= 0)
		return measure;
	measure.count = count;
	measure.each = (double)store_get_int(result, 0, BYTES) /
		       (double)count;
	measure.characters = characters / some;
	measure.character = octets / characters;
	measure.message = measure.each - octets / some;
	return measure;
}

static const char *
tell_measure(struct arena *arena, const struct measure *measure)
{
	if (measure->count == 0)
		return arena_printf(arena, "nothing, as there are fewer than "
				    "%d messages", MEASURED_MIN);
	return arena_printf(arena, "%" PRId64 " messages here: %.0f bytes and "
			    "%.0f characters each", measure->count,
			    measure->each, measure->characters);
}

/* Large numbers as people say them. */
static const char *
in_words(struct arena *arena, double bytes)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	size_t i = 0;

	for (; bytes >= 1000 && i < 4; i++)
		bytes /= 1000;
	return arena_printf(arena, "%.*f %s", i > 0 ? 1 : 0, bytes, units[i]);
}

static void
on_measured(struct call *call, const struct store_result *result)
{
	struct measure measure = measure_of(result);
	struct arena *arena = call->arena;
	double messages = (double)call_uint(call, "users") *
			  (double)call_uint(call, "messages-per-hour") *
			  (double)call_uint(call, "hours");
	double each = measure.message + measure.character *
		      (double)call_uint(call, "characters");
	const char *cells[] = {
		arena_printf(arena, "%.0f", messages),
		arena_printf(arena, "%.0f", each),
		arena_printf(arena, "%.0f", messages * each),
		in_words(arena, messages * each),
		in_words(arena, messages * each * SAFETY),
		tell_measure(arena, &measure),
	};

	call_row(call, cells);
	call_end(call, NULL);
}

int
estimate_run(struct call *call, void *ctx, struct error *err)
{
	const char *dialect = store_dialect(call->runtime->store);

	(void)ctx;
	(void)err;
	call_read(call, strcmp(dialect, "sqlite") == 0 ? sqlite_sql : pg_sql,
		  NULL, 0, on_measured);
	return CALL_PARKED;
}
