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

/* Messages read and sent at a time. */
#define PORTION 20

/* One request; in its arena.  The messages are sent in the order of the
   request, which is that of the database's answers. */
struct selection {
	struct hook_event *event;
	struct offline *offline;
	bool remove;
	int64_t serials[SELECTION_MAX];
	size_t count;
	size_t awaited;		/* answers of the database */
	size_t next;		/* the first that is not read */
	struct show *show;
	struct error err;	/* of the first that could not be read */
};

static void read_portion(struct selection *selection);

static void
finish(struct selection *selection)
{
	const struct error *err = &selection->err;

	if (selection->show != NULL)
		show_fini(selection->show);
	hook_finish(selection->event, NULL,
		    err->cond != ERROR_NONE ? err : NULL);
}

static void
on_shown(void *ctx, const struct error *err)
{
	struct selection *selection = ctx;

	/* Each was asked for: if one was refused, that is said after the
	   others. */
	if (err != NULL)
		selection->err = *err;
	else if (selection->next == selection->count)
		selection->err = selection->show->refusal;
	if (err != NULL || selection->next == selection->count)
		finish(selection);
	else
		read_portion(selection);
}

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct selection *selection = ctx;
	struct offline *offline = selection->offline;

	mailbox_take_removed(offline, selection->event->stanza.from->bare,
			     result, err);
	if (err == NULL)
		offline_count(offline, OFFLINE_REMOVED, store_rows(result));
	else
		selection->err = *err;
	if (--selection->awaited > 0)
		return;
	finish(selection);
	offline_end(offline);
}

static void
remove_all(struct selection *selection)
{
	struct shelf *shelf = selection->offline->shelf;
	const char *jid = selection->event->stanza.from->bare;

	offline_begin(selection->offline);
	selection->awaited = selection->count;
	for (size_t i = 0; i < selection->count; i++)
		shelf_remove(shelf, jid, selection->serials[i],
			     selection->serials[i], on_removed, selection);
}

static void
set_error(struct selection *selection, const struct error *err)
{
	if (selection->err.cond != ERROR_NONE)
		return;
	if (err != NULL)
		selection->err = *err;
	else
		error_set(&selection->err, ERROR_ITEM_NOT_FOUND,
			  "no such message");
}

/* One that is too large by now is in the list of headers all the same: that it
   is missing would make no sense to who asks. */
static void
add(struct selection *selection, const struct shelf_message *message)
{
	struct error err;

	if (show_add(selection->show, message, &err) < 0)
		set_error(selection, err.cond == ERROR_POLICY_VIOLATION ?
				     &err : NULL);
}

static void
on_read(void *ctx, const struct store_result *result, const struct error *err)
{
	struct selection *selection = ctx;
	struct shelf_message message;

	if (err == NULL && store_rows(result) > 0) {
		shelf_get(result, 0, &message);
		add(selection, &message);
	} else {
		set_error(selection, err);
	}
	if (--selection->awaited > 0)
		return;
	if (selection->err.cond != ERROR_NONE)
		finish(selection);
	else
		show_send(selection->show, on_shown, selection);
}

static void
read_portion(struct selection *selection)
{
	struct shelf *shelf = selection->offline->shelf;
	const char *jid = selection->event->stanza.from->bare;
	size_t left = selection->count - selection->next;

	show_clear(selection->show);
	selection->awaited = left < PORTION ? left : PORTION;
	for (size_t i = 0; i < selection->awaited; i++)
		shelf_find(shelf, jid, selection->serials[selection->next++],
			   on_read, selection);
}

static void
on_checked(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct selection *selection = ctx;

	if (err != NULL || store_rows(result) == 0)
		set_error(selection, err);
	if (--selection->awaited > 0)
		return;
	if (selection->err.cond != ERROR_NONE)
		finish(selection);
	else if (selection->remove)
		remove_all(selection);
	else
		read_portion(selection);
}

/* A message that is named twice would be sent twice. */
static int
add_serial(struct selection *selection, int64_t serial, struct error *err)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->serials[i] == serial)
			return error_set(err, ERROR_BAD_REQUEST,
					 "a message is named twice");
	selection->serials[selection->count++] = serial;
	return 0;
}

static int
read_items(struct selection *selection, const struct xml *el,
	   struct error *err)
{
	const char *action = selection->remove ? "remove" : "view";
	const struct xml *item = xml_child(el, NS_OFFLINE, "item");
	int64_t serial;

	for (; item != NULL; item = xml_next(item, NS_OFFLINE, "item")) {
		const char *said = xml_attr(item, "action");

		if (said == NULL || !str_same(said, action))
			return error_set(err, ERROR_BAD_REQUEST,
					 "action is not \"%s\"", action);
		if (selection->count == SELECTION_MAX)
			return error_set(err, ERROR_RESOURCE_CONSTRAINT,
					 "more than %d messages",
					 SELECTION_MAX);
		if (inquiry_parse_node(xml_attr(item, "node"), &serial) < 0)
			return error_set(err, ERROR_ITEM_NOT_FOUND,
					 "no such message");
		if (add_serial(selection, serial, err) < 0)
			return -1;
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
	if (!remove) {
		selection->show = show_new(offline, event, PORTION, err);
		if (selection->show == NULL)
			return -1;
	}
	selection->awaited = selection->count;
	for (size_t i = 0; i < selection->count; i++)
		shelf_check(offline->shelf, event->stanza.from->bare,
			    selection->serials[i], on_checked, selection);
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
