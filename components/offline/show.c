#include "components/offline/show.h"

#include <string.h>

#include "components/offline/inquiry.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/xml.h"

struct show *
show_new(struct offline *offline, struct hook_event *event, size_t max,
	 struct error *err)
{
	struct mailbox *mailbox = mailbox_use(offline,
					      event->stanza.from->bare);
	struct arena *arena = event->req->arena;
	struct show *show;

	if (mailbox->showing) {
		error_set(err, ERROR_RESOURCE_CONSTRAINT,
			  "messages are being sent already");
		return NULL;
	}
	mailbox->showing = true;
	mailbox_hold(mailbox);
	show = arena_alloc(arena, sizeof(*show));
	show->offline = offline;
	show->mailbox = mailbox;
	show->event = event;
	show->max = max;
	show->arena = arena_new();
	show->items = arena_alloc(arena, max * sizeof(*show->items));
	return show;
}

/* Which one it is (section 2.4). */
static void
add_node(struct arena *arena, struct xml *message, int64_t serial)
{
	char node[INQUIRY_NODE_SIZE];
	struct xml *offline = xml_add(arena, message, NS_OFFLINE, "offline");

	inquiry_print_node(serial, node);
	xml_set(arena, xml_add(arena, offline, NULL, "item"), "node",
		arena_strdup(arena, node));
}

int
show_add(struct show *show, const struct shelf_message *message)
{
	struct arena *arena = show->arena;
	struct xml *el;
	struct error err;

	ensure(show->count < show->max);
	if (parser_document(arena, message->stanza, strlen(message->stanza),
			    &parser_limits_default, &el, &err) < 0) {
		log_error("offline: message %s cannot be read: %s",
			  message->id, err.text);
		return -1;
	}
	add_node(arena, el, message->serial);
	/* The shim is not to remember it: it may be asked for again. */
	show->items[show->count++] = (struct hook_item){
		.id = "", .message = el, .stamp = message->stamp,
	};
	return 0;
}

static void send_next(struct show *show);

static void
on_sent(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct show *show = ctx;

	(void)answer;
	show->next += show->asked;
	if (err != NULL || show->next == show->count)
		show->done(show->ctx, err);
	else
		send_next(show);
}

static void
send_next(struct show *show)
{
	const struct hook_delivery delivery = {
		.session = show->event->stanza.from->full,
		.items = show->items + show->next,
		.count = show->count - show->next,
	};

	show->asked = hook_deliver(show->offline->runtime, show->event->host,
				   &delivery,
				   (struct hook_done){ on_sent, show });
}

void
show_send(struct show *show, void (*done)(void *ctx, const struct error *err),
	  void *ctx)
{
	ensure(show->count > 0);
	show->done = done;
	show->ctx = ctx;
	send_next(show);
}

void
show_fini(struct show *show)
{
	arena_free(&show->arena);
	show->mailbox->showing = false;
	mailbox_release(show->mailbox);
}

void
show_clear(struct show *show)
{
	show->count = show->next = 0;
	arena_reset(show->arena);
}
