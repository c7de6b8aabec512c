#include "shared/spool.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/request.h"
#include "shared/store.h"
#include "shared/str.h"

/* The database of a router: its rows in the order of their numbers, which is
   that in which they came.  Nothing in it is changed. */

/* For one page; what the router keeps besides may have to be passed over. */
#define READ_SECS 600

/* What a router has. */
struct layout {
	const char *count;	/* how many there are */
	/* Those above a number: number, host, user, stanza; what more there
	   is, is the layout's own. */
	const char *page;
	void (*fill)(struct arena *arena, const struct store_result *result,
		     size_t row, struct spool_record *record);
};

struct tables {
	const struct layout *layout;
	struct store *store;
	bool closed;		/* nobody waits; it goes with the store */
	bool counted;
	int64_t above;		/* the number of the last row */
	uint64_t done, total;	/* rows */
	char *why;		/* why it is away; or NULL */

	struct spool_page *page;	/* that is being read; or NULL */
	spool_fn *fn;
	void *ctx;
};

static void
free_tables(void *ctx, size_t lost)
{
	struct tables *tables = ctx;

	(void)lost;
	free(tables->why);
	free(tables);
}

static void
finish(struct tables *tables, const struct error *err)
{
	struct spool_page *page = tables->page;

	if (page == NULL || tables->closed)
		return;
	page->done = tables->done;
	page->total = tables->total;
	tables->page = NULL;
	tables->fn(tables->ctx, err);
}

/* There is no use in waiting for it. */
static void
give_up(struct tables *tables)
{
	struct error err;

	error_set(&err, ERROR_SERVICE_UNAVAILABLE, "%s", tables->why);
	finish(tables, &err);
}

static void
on_state(void *ctx, bool up, const char *why)
{
	struct tables *tables = ctx;

	free(tables->why);
	tables->why = up ? NULL : str_dup(why);
	if (!up)
		give_up(tables);
}

/* What the database says is in the log alone. */
static void
fail(struct tables *tables)
{
	struct error err;

	error_set(&err, ERROR_ITEM_NOT_FOUND, "the router's table cannot be "
		  "read: the log says why");
	finish(tables, &err);
}

static void
add_row(struct tables *tables, const struct store_result *result, size_t row)
{
	struct spool_page *page = tables->page;
	struct arena *arena = page->arena;
	struct spool_record *record;

	tables->above = store_get_int(result, row, 0);
	tables->done++;
	record = spool_page_add(page, arena_printf(arena, "row %" PRId64,
						   tables->above));
	record->key = arena_printf(arena, "%" PRId64, tables->above);
	tables->layout->fill(arena, result, row, record);
	if (record->fault == NULL && record->stanza == NULL)
		record->fault = "there is no stanza";
}

static const char *
text_of(struct arena *arena, const struct store_result *result, size_t row,
	size_t column)
{
	const char *text = store_get_text(result, row, column);

	return text == NULL ? NULL : arena_strdup(arena, text);
}

static void
on_page(void *ctx, const struct store_result *result, const struct error *err)
{
	struct tables *tables = ctx;
	size_t rows = err == NULL ? store_rows(result) : 0;

	if (tables->page == NULL || tables->closed)
		return;
	if (err != NULL) {
		fail(tables);
		return;
	}
	for (size_t i = 0; i < rows; i++)
		add_row(tables, result, i);
	tables->page->last = rows < SPOOL_PAGE;
	finish(tables, NULL);
}

static void
read_rows(struct tables *tables)
{
	store_read(tables->store, tables->layout->page,
		   STORE_VALUES(store_int(tables->above),
				store_int(SPOOL_PAGE)), on_page, tables);
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct tables *tables = ctx;

	if (tables->page == NULL || tables->closed)
		return;
	if (err != NULL) {
		fail(tables);
		return;
	}
	tables->counted = true;
	tables->total = (uint64_t)store_get_int(result, 0, 0);
	read_rows(tables);
}

static void
read_tables(void *self, struct spool_page *page, spool_fn *fn, void *ctx)
{
	struct tables *tables = self;

	tables->page = page;
	tables->fn = fn;
	tables->ctx = ctx;
	if (tables->why != NULL)
		give_up(tables);
	else if (tables->counted)
		read_rows(tables);
	else
		store_read(tables->store, tables->layout->count, NULL, 0,
			   on_counted, tables);
}

static void
close_tables(void *self)
{
	struct tables *tables = self;

	tables->closed = true;
	store_close(&tables->store, 0, free_tables, tables);
}

static int
open_tables(struct runtime *runtime, const char *place,
	    const struct layout *layout, void **self_r, struct error *err)
{
	const struct store_settings settings = {
		.url = place, .name = "import",
		.read_timeout_secs = READ_SECS,
		.read_only = true,
	};
	struct tables *tables;
	struct store *store;

	/* What is in memory is not a router's. */
	if (strcmp(place, "none") == 0 || strstr(place, ":memory:") != NULL)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "a database is wanted");
	if (store_new(runtime->loop, &settings, NULL, &store, err) < 0)
		return -1;
	tables = calloc(1, sizeof(*tables));
	ensure(tables != NULL);
	tables->layout = layout;
	tables->store = store;
	tables->above = -1;
	store_on_state(store, on_state, tables);
	*self_r = tables;
	return 0;
}

/* Prosody's mod_storage_sql: one of its stores; the time in seconds, and a key
   that is the message's own. */
static void
fill_prosody(struct arena *arena, const struct store_result *result,
	     size_t row, struct spool_record *record)
{
	const char *type = store_get_text(result, row, 6);

	record->peer = text_of(arena, result, row, 7);
	record->host = text_of(arena, result, row, 1);
	record->user = text_of(arena, result, row, 2);
	record->stanza = text_of(arena, result, row, 3);
	record->key = text_of(arena, result, row, 4);
	record->stamp = store_get_int(result, row, 5) * CLOCK_SECOND;
	if (type == NULL || strcmp(type, "xml") != 0)
		record->fault = "it is not stored as XML";
}

#define PROSODY(store) { \
	.count = "SELECT COUNT(*) FROM prosodyarchive " \
		 "WHERE store = '" store "'", \
	.page = "SELECT sort_id, host, \"user\", value, \"key\", \"when\", " \
		"type, \"with\" FROM prosodyarchive " \
		"WHERE store = '" store "' AND sort_id > $1 " \
		"ORDER BY sort_id LIMIT $2", \
	.fill = fill_prosody, \
}

static int
open_prosody(struct runtime *runtime, const char *place,
	     enum spool_content content, void **self_r, struct error *err)
{
	static const struct layout layouts[] = {
		[SPOOL_OFFLINE] = PROSODY("offline"),
		[SPOOL_ARCHIVE] = PROSODY("archive"),
		[SPOOL_ROOMS] = PROSODY("muc_log"),
	};

	return open_tables(runtime, place, &layouts[content], self_r, err);
}

/* ejabberd's mod_offline_sql: the time is in the stanza. */
static void
fill_ejabberd(struct arena *arena, const struct store_result *result,
	      size_t row, struct spool_record *record)
{
	record->host = text_of(arena, result, row, 1);
	record->user = text_of(arena, result, row, 2);
	record->stanza = text_of(arena, result, row, 3);
}

/* Its mod_mam_sql: the time is the id as well.  The setting compress_xml makes
   a message something else than XML. */
static void
fill_archived(struct arena *arena, const struct store_result *result,
	      size_t row, struct spool_record *record)
{
	fill_ejabberd(arena, result, row, record);
	record->stamp = store_get_int(result, row, 4);
	record->key = text_of(arena, result, row, 4);
	record->peer = text_of(arena, result, row, 5);
	if (record->stanza != NULL && record->stanza[0] != '<')
		record->fault = "it is not stored as XML";
}

/* A room is named by its address. */
static void
fill_room(struct arena *arena, const struct store_result *result, size_t row,
	  struct spool_record *record)
{
	char *at;

	fill_archived(arena, result, row, record);
	record->room = true;
	record->nick = text_of(arena, result, row, 6);
	if (record->user == NULL)
		return;
	record->user = at = arena_strdup(arena, record->user);
	at = strchr(at, '@');
	record->host = at == NULL ? NULL : at + 1;
	if (at != NULL)
		*at = '\0';
}

/* Only its new schema has server_host.  Where there is none, the name means
   the column of the table around. */
#define HOST(table, number) \
	"(SELECT server_host FROM " table " AS one " \
	"WHERE one." number " = " table "." number ")"
#define OLD	"(SELECT CAST(NULL AS TEXT) AS server_host) AS old"

/* Rooms' archives are in the same table as users'. */
#define USERS	"COALESCE(kind, 'chat') <> 'groupchat'"
#define ROOMS	"kind = 'groupchat'"
#define ARCHIVE(whose, more, filler) { \
	.count = "SELECT COUNT(*) FROM archive WHERE " whose, \
	.page = "SELECT id, " HOST("archive", "id") ", username, xml, " \
		"archive.timestamp, bare_peer" more " FROM archive, " OLD \
		" WHERE id > $1 AND " whose " ORDER BY id LIMIT $2", \
	.fill = filler, \
}

static int
open_ejabberd(struct runtime *runtime, const char *place,
	      enum spool_content content, void **self_r, struct error *err)
{
	static const struct layout layouts[] = {
		[SPOOL_OFFLINE] = {
			.count = "SELECT COUNT(*) FROM spool",
			.page = "SELECT seq, " HOST("spool", "seq") ", "
				"username, xml FROM spool, " OLD " "
				"WHERE seq > $1 ORDER BY seq LIMIT $2",
			.fill = fill_ejabberd,
		},
		[SPOOL_ARCHIVE] = ARCHIVE(USERS, "", fill_archived),
		[SPOOL_ROOMS] = ARCHIVE(ROOMS, ", nick", fill_room),
	};

	return open_tables(runtime, place, &layouts[content], self_r, err);
}

const struct spool ejabberd_sql_spool = {
	.name = "ejabberd-sql",
	.open = open_ejabberd, .read = read_tables, .close = close_tables,
};

const struct spool prosody_sql_spool = {
	.name = "prosody-sql",
	.open = open_prosody, .read = read_tables, .close = close_tables,
};
