#include <inttypes.h>
#include <stdio.h>

#include "components/offline/commands.h"
#include "components/offline/offline.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/jid.h"
#include "shared/store.h"

/* Messages read at a time. */
#define PAGE 200

/* A page: of all, after $1, and of the user $3.  The plus is that of
   shelf.c. */
#define PAGE_OF_ALL " FROM offline_message WHERE serial > $1 " \
	"ORDER BY serial LIMIT $2"
#define PAGE_OF_ONE " FROM offline_message WHERE serial IN (SELECT serial " \
	"FROM offline_message WHERE jid = $3 AND +serial > $1 " \
	"ORDER BY +serial LIMIT $2) ORDER BY serial"

static const char *
user_of(const struct call *call)
{
	const struct jid *user = call_jid(call, "user");

	return user == NULL ? NULL : user->bare;
}

/* NULL where there is none. */
static const char *
when(struct arena *arena, int64_t stamp)
{
	char text[CLOCK_TEXT_SIZE];

	return stamp == 0 ? NULL :
	       arena_strdup(arena, clock_print(stamp, text));
}

/* About all, or about the user who was given, $1: one statement for both would
   go through everybody's messages. */
static void
count_whose(struct call *call, const char *all, const char *one,
	    call_result_fn *fn)
{
	const char *user = user_of(call);

	if (user == NULL)
		call_read(call, all, NULL, 0, fn);
	else
		call_read(call, one, STORE_VALUES(store_text(user)), fn);
}

static void
on_counted(struct call *call, const struct store_result *result)
{
	const char *cells[] = {
		arena_number(call->arena, store_get_int(result, 0, 0)),
		arena_number(call->arena, store_get_int(result, 0, 1)),
		when(call->arena, store_get_int(result, 0, 2)),
	};

	call_row(call, cells);
	call_end(call, NULL);
}

#define COUNTS \
	"SELECT COUNT(DISTINCT jid), COUNT(*), MIN(stamp) FROM offline_message"

int
survey_count(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	count_whose(call, COUNTS, COUNTS " WHERE jid = $1", on_counted);
	return CALL_PARKED;
}

static void
say_users(struct call *call, const struct store_result *result, size_t told)
{
	if (told < store_rows(result))
		call_say(call, "There are more: go on after %s.",
			 store_get_text(result, told - 1, 0));
	else
		call_say(call, told == 1 ? "1 user." : "%zu users.", told);
}

/* One row more than is told says that there are more. */
static void
on_listed(struct call *call, const struct store_result *result)
{
	size_t limit = call_uint(call, "limit"), rows = store_rows(result);
	size_t told = rows < limit ? rows : limit;

	for (size_t i = 0; i < told; i++) {
		const char *cells[] = {
			store_get_text(result, i, 0),
			arena_number(call->arena, store_get_int(result, i, 1)),
			when(call->arena, store_get_int(result, i, 2)),
			when(call->arena, store_get_int(result, i, 3)),
		};

		call_row(call, cells);
	}
	say_users(call, result, told);
	call_end(call, NULL);
}

int
survey_list(struct call *call, void *ctx, struct error *err)
{
	static const char sql[] =
		"SELECT jid, COUNT(*), MIN(stamp), MAX(stamp) "
		"FROM offline_message WHERE jid > $1 GROUP BY jid "
		"ORDER BY jid LIMIT $2";
	const char *after = call_text(call, "after");

	(void)ctx;
	(void)err;
	call_read(call, sql, STORE_VALUES(
			store_text(after == NULL ? "" : after),
			store_int((int64_t)call_uint(call, "limit") + 1)),
		  on_listed);
	return CALL_PARKED;
}

/* Messages told page by page, of all or of one user. */
struct survey {
	const char *all, *one;	/* a page of them, the serial first; all is
				   NULL where a user is always given */
	void (*tell)(struct call *call, const struct store_result *result,
		     size_t row);
	struct arena *arena;	/* of a page's texts */
	int64_t above;		/* the serial of the last that was told */
	uint64_t done, total;
};

static void
fini(struct call *call)
{
	struct survey *survey = call->state;

	arena_free(&survey->arena);
}

static void
say_messages(struct call *call, uint64_t n)
{
	if (n == 1)
		call_say(call, "1 message.");
	else
		call_say(call, "%" PRIu64 " messages.", n);
}

static void read_page(struct call *call);

static void
on_page(struct call *call, const struct store_result *result)
{
	struct survey *survey = call->state;
	size_t rows = store_rows(result);

	arena_reset(survey->arena);
	for (size_t i = 0; i < rows; i++) {
		survey->tell(call, result, i);
		survey->above = store_get_int(result, i, 0);
	}
	survey->done += rows;
	call_progress(call, survey->done, survey->total);
	if (rows == PAGE) {
		call_then(call, read_page);
		return;
	}
	say_messages(call, survey->done);
	call_end(call, NULL);
}

static void
read_page(struct call *call)
{
	const struct survey *survey = call->state;
	const char *user = user_of(call);
	const struct store_value values[] = {
		store_int(survey->above), store_int(PAGE), store_text(user),
	};

	if (user == NULL)
		call_read(call, survey->all, values, 2, on_page);
	else
		call_read(call, survey->one, values, 3, on_page);
}

static void
on_total(struct call *call, const struct store_result *result)
{
	struct survey *survey = call->state;

	survey->total = (uint64_t)store_get_int(result, 0, 0);
	read_page(call);
}

#define TOTAL "SELECT COUNT(*) FROM offline_message"

static int
run(struct call *call, const struct survey *kind)
{
	struct survey *survey = arena_alloc(call->arena, sizeof(*survey));

	*survey = *kind;
	survey->arena = arena_new();
	call->state = survey;
	call->fini = fini;
	count_whose(call, TOTAL, TOTAL " WHERE jid = $1", on_total);
	return CALL_PARKED;
}

/* The sender's, whose columns these are. */
static const char *
sender(struct arena *arena, const struct store_result *result, size_t row,
       size_t column)
{
	return jid_join(arena, store_get_text(result, row, column),
			store_get_text(result, row, column + 1));
}

static void
show_message(struct call *call, const struct store_result *result, size_t i)
{
	const struct survey *survey = call->state;
	struct arena *arena = survey->arena;
	const char *cells[] = {
		store_get_text(result, i, 1),
		sender(arena, result, i, 2),
		when(arena, store_get_int(result, i, 4)),
		arena_number(arena, store_get_int(result, i, 5)),
	};

	call_row(call, cells);
}

int
survey_show(struct call *call, void *ctx, struct error *err)
{
	static const struct survey show = {
		.one = "SELECT serial, id, sender, resource, stamp, "
		       "LENGTH(stanza)" PAGE_OF_ONE,
		.tell = show_message,
	};

	(void)ctx;
	(void)err;
	return run(call, &show);
}

static void
export_message(struct call *call, const struct store_result *result, size_t i)
{
	const struct survey *survey = call->state;
	struct arena *arena = survey->arena;
	const char *cells[] = {
		store_get_text(result, i, 1),
		store_get_text(result, i, 2),
		sender(arena, result, i, 3),
		when(arena, store_get_int(result, i, 5)),
		when(arena, store_get_int(result, i, 6)),
		store_get_text(result, i, 7),
	};

	call_row(call, cells);
}

#define WHOLE "SELECT serial, jid, id, sender, resource, stamp, arrived, stanza"

int
survey_export(struct call *call, void *ctx, struct error *err)
{
	static const struct survey export = {
		.all = WHOLE PAGE_OF_ALL, .one = WHOLE PAGE_OF_ONE,
		.tell = export_message,
	};

	(void)ctx;
	(void)err;
	return run(call, &export);
}
