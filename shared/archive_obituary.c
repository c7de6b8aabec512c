#include "shared/archive_obituary.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/audit.h"
#include "shared/error.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* Most messages in an entry of the audit log. */
#define NOTED 100

#define PAUSE_MS 1000
#define RETRY_MS 10000
/* What nobody has told of: before a kill, or by a moderator. */
#define LOOK_MS 5000

struct archive_obituary {
	struct store *store;
	char *rooms;			/* or NULL */
	uv_timer_t timer;
	bool hurries;			/* somebody has retracted something */
	struct store_list serials, retractions;	/* of what is being noted */
	bool busy;			/* the store has been asked */
	bool freed;			/* it goes once it has answered */
};

/* Whether r is one of ours: $2 is the domain. */
#define IS_OURS(r) \
	"CASE WHEN CAST($2 AS TEXT) IS NULL THEN " r ".room IS NULL " \
	"ELSE replace(" r ".room || '/', '@' || CAST($2 AS TEXT) || '/', '') " \
	"<> " r ".room || '/' END"
/* All of one person, as an author or as a moderator. */
static const char find_sql[] =
	"SELECT serial, uid, retraction, held, who, room, moderated "
	"FROM archive_retraction t WHERE " IS_OURS("t") " "
	"AND (who, moderated) = (SELECT r.who, r.moderated "
	"FROM archive_retraction r WHERE " IS_OURS("r") " "
	"ORDER BY r.serial LIMIT 1) ORDER BY serial "
	"LIMIT CAST($1 AS BIGINT)";
enum { SERIAL, UID, RETRACTION, HELD, WHO, ROOM, MODERATED };

static const char forget_pg[] =
	"DELETE FROM archive_retraction AS r "
	"USING unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) "
	"AS g (serial, retraction) "
	"WHERE r.serial = g.serial AND r.retraction = g.retraction";
static const char forget_sqlite[] =
	"DELETE FROM archive_retraction WHERE (serial, retraction) IN "
	"(SELECT s.value, r.value FROM json_each($1) s "
	"JOIN json_each($2) r ON r.key = s.key)";

static void
on_closed(uv_handle_t *timer)
{
	struct archive_obituary *obituary = timer->data;

	store_list_fini(&obituary->serials);
	store_list_fini(&obituary->retractions);
	free(obituary->rooms);
	free(obituary);
}

static void on_timer(uv_timer_t *timer);

static void
start_timer(struct archive_obituary *obituary, unsigned ms)
{
	uv_timer_start(&obituary->timer, on_timer, ms, 0);
}

/* Whether it goes on; the end, where it does not. */
static bool
goes_on(struct archive_obituary *obituary, const struct error *err)
{
	obituary->busy = false;
	if (obituary->freed) {
		uv_close((uv_handle_t *)&obituary->timer, on_closed);
		return false;
	}
	if (err != NULL)
		start_timer(obituary, RETRY_MS);
	return err == NULL;
}

static void look(struct archive_obituary *obituary);

static void
on_forgotten(void *ctx, const struct store_result *result,
	     const struct error *err)
{
	struct archive_obituary *obituary = ctx;

	(void)result;
	if (goes_on(obituary, err))
		look(obituary);
}

/* One that is killed before that notes it again. */
static void
on_noted(void *ctx, const struct error *err)
{
	struct archive_obituary *obituary = ctx;
	struct store *store = obituary->store;
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;

	if (!goes_on(obituary, err))
		return;
	obituary->busy = true;
	store_write(store, pg ? forget_pg : forget_sqlite,
		    STORE_VALUES(store_text(store_list_end(
					    &obituary->serials)),
				 store_text(store_list_end(
					    &obituary->retractions))),
		    on_forgotten, obituary);
}

static const char *
text_left(int64_t held)
{
	switch (held) {
	case 0:
		return "removed";
	case 1:
		return "held";
	default:
		return "unseen";
	}
}

static json_t *
message_of(const struct store_result *result, size_t i)
{
	const char *room = store_get_text(result, i, ROOM);
	json_t *message = json_pack(
		"{s:s, s:s, s:s}",
		"id", store_get_text(result, i, UID),
		"by", store_get_text(result, i, RETRACTION),
		"text", text_left(store_get_int(result, i, HELD)));

	if (room != NULL)
		json_object_set_new(message, "room", json_string(room));
	return message;
}

static char *
detail_of(const struct store_result *result)
{
	json_t *list = json_array(), *detail;
	char *text;

	for (size_t i = 0; i < store_rows(result); i++)
		json_array_append_new(list, message_of(result, i));
	detail = json_pack("{s:o}", "messages", list);
	ensure(detail != NULL);
	text = json_dumps(detail, JSON_COMPACT);
	ensure(text != NULL);
	json_decref(detail);
	return text;
}

static void
note(struct archive_obituary *obituary, const struct store_result *result)
{
	struct store *store = obituary->store;
	char *detail = detail_of(result);
	const struct audit_event event = {
		store_get_text(result, 0, WHO),
		store_get_int(result, 0, MODERATED) != 0 ? "moderated" :
							   "retracted",
		detail,
	};

	store_list_begin(&obituary->serials, store_dialect(store));
	store_list_begin(&obituary->retractions, store_dialect(store));
	for (size_t i = 0; i < store_rows(result); i++) {
		store_list_add_int(&obituary->serials,
				   store_get_int(result, i, SERIAL));
		store_list_add_text(&obituary->retractions,
				    store_get_text(result, i, RETRACTION));
	}
	obituary->busy = true;
	audit_note(store, &event, on_noted, obituary);
	free(detail);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct archive_obituary *obituary = ctx;

	if (!goes_on(obituary, err))
		return;
	if (store_rows(result) > 0)
		note(obituary, result);
	else
		start_timer(obituary, obituary->hurries ? PAUSE_MS : LOOK_MS);
}

static void
look(struct archive_obituary *obituary)
{
	obituary->hurries = false;
	obituary->busy = true;
	store_read(obituary->store, find_sql,
		   STORE_VALUES(store_int(NOTED), store_text(obituary->rooms)),
		   on_found, obituary);
}

static void
on_timer(uv_timer_t *timer)
{
	look(timer->data);
}

struct archive_obituary *
archive_obituary_new(uv_loop_t *loop, struct store *store, const char *rooms)
{
	struct archive_obituary *obituary = calloc(1, sizeof(*obituary));

	ensure(obituary != NULL);
	obituary->store = store;
	obituary->rooms = rooms != NULL ? str_dup(rooms) : NULL;
	obituary->timer.data = obituary;
	uv_timer_init(loop, &obituary->timer);
	start_timer(obituary, PAUSE_MS);
	return obituary;
}

void
archive_obituary_free(struct archive_obituary **obituary_p)
{
	struct archive_obituary *obituary = *obituary_p;

	*obituary_p = NULL;
	if (obituary == NULL)
		return;
	obituary->freed = true;
	uv_timer_stop(&obituary->timer);
	if (!obituary->busy)
		uv_close((uv_handle_t *)&obituary->timer, on_closed);
}

void
archive_obituary_hurry(struct archive_obituary *obituary)
{
	if (obituary->hurries)
		return;
	obituary->hurries = true;
	if (!obituary->busy)
		start_timer(obituary, PAUSE_MS);
}
