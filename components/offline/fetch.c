#include "components/offline/fetch.h"

#include <stdint.h>

#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "components/offline/show.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_answer.h"
#include "shared/hook_event.h"
#include "shared/jid.h"

/* Messages read at a time. */
#define PAGE 100

/* One request; in its arena. */
struct fetch {
	struct hook_event *event;
	struct offline *offline;
	struct show *show;
	int64_t above;		/* the serial of the last that was read */
};

/* Who was not sent all must not think so: what comes next may be a purge. */
static void
finish_fetch(struct fetch *fetch, const struct error *err)
{
	const struct error *refusal = &fetch->show->refusal;

	if (err == NULL && refusal->cond != ERROR_NONE)
		err = refusal;
	show_fini(fetch->show);
	hook_finish(fetch->event, NULL, err);
}

static void read_page(struct fetch *fetch);

static void
on_shown(void *ctx, const struct error *err)
{
	struct fetch *fetch = ctx;

	if (err != NULL)
		finish_fetch(fetch, err);
	else
		read_page(fetch);
}

static void
on_page(void *ctx, const struct store_result *result, const struct error *err)
{
	struct fetch *fetch = ctx;
	struct shelf_message message;
	size_t rows = err == NULL ? store_rows(result) : 0;
	struct error why;

	show_clear(fetch->show);
	for (size_t i = 0; i < rows; i++) {
		shelf_get(result, i, &message);
		show_add(fetch->show, &message, &why);
		fetch->above = message.serial;
	}
	if (rows == 0)
		finish_fetch(fetch, err);
	else if (fetch->show->count == 0)
		read_page(fetch);
	else
		show_send(fetch->show, on_shown, fetch);
}

static void
read_page(struct fetch *fetch)
{
	shelf_read(fetch->offline->shelf,
		   fetch->event->stanza.from->bare, fetch->above, PAGE,
		   on_page, fetch);
}

int
fetch_all(struct hook_event *event, struct offline *offline,
	  struct error *err)
{
	struct fetch *fetch = arena_alloc(event->req->arena, sizeof(*fetch));

	fetch->event = event;
	fetch->offline = offline;
	fetch->show = show_new(offline, event, PAGE, err);
	if (fetch->show == NULL)
		return -1;
	read_page(fetch);
	return REQUEST_PARKED;
}

/* One purge. */
struct purge {
	struct hook_event *event;
	struct offline *offline;
};

static void
on_purged(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	const struct purge *purge = ctx;
	struct offline *offline = purge->offline;

	mailbox_take_removed(offline, purge->event->stanza.from->bare, result,
			     err);
	if (err == NULL)
		offline_count(offline, OFFLINE_REMOVED, store_rows(result));
	hook_finish(purge->event, NULL, err);
	offline_end(offline);
}

int
fetch_purge(struct hook_event *event, struct offline *offline)
{
	struct purge *purge = arena_alloc(event->req->arena, sizeof(*purge));

	purge->event = event;
	purge->offline = offline;
	offline_begin(offline);
	shelf_purge(offline->shelf, event->stanza.from->bare,
		    NULL, NULL, on_purged, purge);
	return REQUEST_PARKED;
}
