#include "components/offline/selection.h"

#include <stdbool.h>
#include <stdint.h>

#include "components/offline/inquiry.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "components/offline/show.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_answer.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

/* One request; in its arena.  The messages are read one by one, in the order
   of the request, and answers come in that order. */
struct selection {
	struct hook_event *event;
	struct offline *offline;
	bool remove;
	int64_t serials[SELECTION_MAX];
	size_t count;
	size_t answered;	/* by the database */
	size_t found;
	struct show *show;
	struct error err;	/* of the first that could not be read */
};

static void
finish(struct selection *selection)
{
	struct hook_event *event = selection->event;

	if (selection->show != NULL)
		show_fini(selection->show);
	if (selection->err.cond != ERROR_NONE)
		hook_refuse(event, &selection->err);
	else
		hook_reply(event, NULL);
	request_finish(event->req, NULL);
}

static void
on_shown(void *ctx, const struct error *err)
{
	struct selection *selection = ctx;

	if (err != NULL)
		selection->err = *err;
	finish(selection);
}

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct selection *selection = ctx;

	if (err == NULL) {
		mailbox_subtract_removed(selection->offline, result);
		offline_count(selection->offline, OFFLINE_REMOVED,
			      store_rows(result));
	} else {
		selection->err = *err;
	}
	if (err != NULL || store_rows(result) == 0)
		mailbox_doubt_of(selection->offline,
				 selection->event->stanza.from->bare);
	if (--selection->answered == 0)
		finish(selection);
}

static void
remove_all(struct selection *selection)
{
	struct store *store = selection->offline->runtime->store;
	const char *jid = selection->event->stanza.from->bare;

	for (size_t i = 0; i < selection->count; i++)
		shelf_remove(store, jid, selection->serials[i],
			     selection->serials[i], on_removed, selection);
}

/* All have been read. */
static void
go_on(struct selection *selection)
{
	struct error *err = &selection->err;

	if (err->cond == ERROR_NONE && selection->found < selection->count)
		error_set(err, ERROR_ITEM_NOT_FOUND, "no such message");
	if (err->cond != ERROR_NONE)
		finish(selection);
	else if (selection->remove)
		remove_all(selection);
	else
		show_send(selection->show, on_shown, selection);
}

static void
add_found(struct selection *selection, const struct store_result *result)
{
	struct shelf_message message;

	if (store_rows(result) == 0)
		return;
	shelf_get(result, 0, &message);
	if (selection->remove || show_add(selection->show, &message) == 0)
		selection->found++;
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct selection *selection = ctx;

	if (err == NULL)
		add_found(selection, result);
	else if (selection->err.cond == ERROR_NONE)
		selection->err = *err;
	if (++selection->answered == selection->count)
		go_on(selection);
}

static int
read_items(struct selection *selection, const struct xml *el,
	   struct error *err)
{
	const char *action = selection->remove ? "remove" : "view";
	const struct xml *item = xml_child(el, NS_OFFLINE, "item");

	for (; item != NULL; item = xml_next(item, NS_OFFLINE, "item")) {
		const char *said = xml_attr(item, "action");

		if (said == NULL || !str_same(said, action))
			return error_set(err, ERROR_BAD_REQUEST,
					 "action is not \"%s\"", action);
		if (selection->count == SELECTION_MAX)
			return error_set(err, ERROR_RESOURCE_CONSTRAINT,
					 "more than %d messages",
					 SELECTION_MAX);
		if (inquiry_parse_node(xml_attr(item, "node"),
				&selection->serials[selection->count++]) < 0)
			return error_set(err, ERROR_ITEM_NOT_FOUND,
					 "no such message");
	}
	return 0;
}

static int
start(struct hook_event *event, struct offline *offline, bool remove,
      const struct xml *el, struct error *err)
{
	struct selection *selection =
		arena_alloc(event->req->arena, sizeof(*selection));

	selection->event = event;
	selection->offline = offline;
	selection->remove = remove;
	if (read_items(selection, el, err) < 0)
		return -1;
	if (!remove)
		selection->show = show_new(offline, event, selection->count);
	for (size_t i = 0; i < selection->count; i++)
		shelf_find(offline->runtime->store, event->stanza.from->bare,
			   selection->serials[i], on_found, selection);
	return REQUEST_PARKED;
}

int
selection_view(struct hook_event *event, struct offline *offline,
	       const struct xml *el, struct error *err)
{
	return start(event, offline, false, el, err);
}

int
selection_remove(struct hook_event *event, struct offline *offline,
		 const struct xml *el, struct error *err)
{
	return start(event, offline, true, el, err);
}
