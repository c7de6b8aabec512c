#include "components/archive/desk/retraction.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "shared/archive_outlet.h"
#include "shared/archive_row.h"
#include "shared/audit.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* Most messages in an entry of the audit log. */
#define NOTED 100

/* What is retracted in one second has an entry for each person. */
#define PAUSE_MS 1000
#define RETRY_MS 10000
/* What is retracted in rooms comes from annex-muc. */
#define ROOMS_MS 5000

struct retraction {
	struct archive *archive;
	bool keeps;			/* what anybody retracts */
	uv_timer_t timer;
	struct drain_wait wait;
	bool hurries;			/* somebody has retracted something */
	struct store_list serials, retractions;	/* of what is being noted */
	bool busy;			/* the store has been asked */
	bool freed;			/* it goes once it has answered */
};

/* All of one person, as an author or as a moderator. */
static const char find_sql[] =
	"SELECT serial, uid, retraction, held, who, room, moderated "
	"FROM archive_retraction WHERE (who, moderated) = "
	"(SELECT r.who, r.moderated FROM archive_retraction r "
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
	struct retraction *retraction = timer->data;

	store_list_fini(&retraction->serials);
	store_list_fini(&retraction->retractions);
	free(retraction);
}

static void on_timer(uv_timer_t *timer);

static void
start_timer(struct retraction *retraction, unsigned ms)
{
	uv_timer_start(&retraction->timer, on_timer, ms, 0);
}

/* Whether it goes on; the end, where it does not. */
static bool
goes_on(struct retraction *retraction, const struct error *err)
{
	retraction->busy = false;
	if (retraction->freed) {
		uv_close((uv_handle_t *)&retraction->timer, on_closed);
		return false;
	}
	if (err != NULL)
		start_timer(retraction, RETRY_MS);
	return err == NULL;
}

static void look(struct retraction *retraction);

static void
on_forgotten(void *ctx, const struct store_result *result,
	     const struct error *err)
{
	struct retraction *retraction = ctx;

	(void)result;
	if (goes_on(retraction, err))
		look(retraction);
}

/* One that is killed before that notes it again. */
static void
on_noted(void *ctx, const struct error *err)
{
	struct retraction *retraction = ctx;
	struct store *store = retraction->archive->runtime->store;
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;

	if (!goes_on(retraction, err))
		return;
	retraction->busy = true;
	store_write(store, pg ? forget_pg : forget_sqlite,
		    STORE_VALUES(store_text(store_list_end(
					    &retraction->serials)),
				 store_text(store_list_end(
					    &retraction->retractions))),
		    on_forgotten, retraction);
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
note(struct retraction *retraction, const struct store_result *result)
{
	struct store *store = retraction->archive->runtime->store;
	char *detail = detail_of(result);
	const struct audit_event event = {
		store_get_text(result, 0, WHO),
		store_get_int(result, 0, MODERATED) != 0 ? "moderated" :
							   "retracted",
		detail,
	};

	store_list_begin(&retraction->serials, store_dialect(store));
	store_list_begin(&retraction->retractions, store_dialect(store));
	for (size_t i = 0; i < store_rows(result); i++) {
		store_list_add_int(&retraction->serials,
				   store_get_int(result, i, SERIAL));
		store_list_add_text(&retraction->retractions,
				    store_get_text(result, i, RETRACTION));
	}
	retraction->busy = true;
	audit_note(store, &event, on_noted, retraction);
	free(detail);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct retraction *retraction = ctx;

	if (!goes_on(retraction, err))
		return;
	if (store_rows(result) > 0)
		note(retraction, result);
	else if (!uv_is_active((uv_handle_t *)&retraction->timer))
		start_timer(retraction, ROOMS_MS);
}

static void
look(struct retraction *retraction)
{
	retraction->busy = true;
	store_read(retraction->archive->runtime->store, find_sql,
		   STORE_VALUES(store_int(NOTED)), on_found, retraction);
}

static void
on_settled(void *ctx)
{
	struct retraction *retraction = ctx;

	drain_wait_end(&retraction->wait);
	if (!retraction->busy)
		look(retraction);
	else
		start_timer(retraction, PAUSE_MS);
}

/* By then the database has it, or will. */
static void
on_timer(uv_timer_t *timer)
{
	struct retraction *retraction = timer->data;

	retraction->hurries = false;
	if (retraction->wait.waits != NULL) {
		start_timer(retraction, PAUSE_MS);
		return;
	}
	switch (archive_outlet_await(retraction->archive->outlet,
				     &retraction->wait)) {
	case ARCHIVE_OUTLET_SETTLED:
		on_settled(retraction);
		break;
	case ARCHIVE_OUTLET_AWAITED:
		break;
	case ARCHIVE_OUTLET_BEHIND:
		start_timer(retraction, RETRY_MS);
	}
}

struct retraction *
retraction_new(struct archive *archive)
{
	struct retraction *retraction = calloc(1, sizeof(*retraction));

	ensure(retraction != NULL);
	retraction->archive = archive;
	retraction->keeps = str_same(archive->settings->retract, "keep");
	retraction->wait.fn = on_settled;
	retraction->wait.ctx = retraction->timer.data = retraction;
	uv_timer_init(archive->runtime->loop, &retraction->timer);
	start_timer(retraction, PAUSE_MS);
	return retraction;
}

void
retraction_free(struct retraction **retraction_p)
{
	struct retraction *retraction = *retraction_p;

	*retraction_p = NULL;
	if (retraction == NULL)
		return;
	retraction->freed = true;
	drain_wait_end(&retraction->wait);
	uv_timer_stop(&retraction->timer);
	if (!retraction->busy)
		uv_close((uv_handle_t *)&retraction->timer, on_closed);
}

/* A private message in a room comes from its address, whoever inside has sent
   it, and rooms say so (XEP-0045 section 7.5); of one that is not whole nobody
   knows. */
static bool
may_be_from_room(const struct archive_row *row)
{
	return (row->mark.flags & ARCHIVE_REST_LOST) != 0 ||
	       (row->rest != NULL &&
		strstr(row->rest, "xmlns='" NS_MUC_USER "'") != NULL);
}

/* Whose copies go is as whose there are of the retraction: it may be stored
   twice where the message was (archive_burial.h). */
static unsigned
ways_of(const struct archive_row *row)
{
	unsigned theirs = ARCHIVE_RECEIVED | ARCHIVE_SHOWN;
	unsigned own = row->mark.ways | row->mark.ways >> 3;
	unsigned ways = own & ARCHIVE_SENT;

	if ((own & theirs) != 0 && !may_be_from_room(row))
		ways |= theirs;
	return ways | ARCHIVE_UNSEEN(ways);
}

void
retraction_apply(struct retraction *retraction, struct archive_row *row)
{
	if (retraction == NULL || row->relation != ARCHIVE_RETRACTION ||
	    (row->type != ARCHIVE_NORMAL && row->type != ARCHIVE_CHAT))
		return;
	row->buries = ways_of(row);
	row->conceals = retraction->keeps ||
			compliance_overrides(retraction->archive->compliance,
					     COMPLIANCE_RETRACTIONS, row);
	if (row->buries == 0 || retraction->hurries)
		return;
	retraction->hurries = true;
	start_timer(retraction, PAUSE_MS);
}
