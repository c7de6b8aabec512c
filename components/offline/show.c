#include "components/offline/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "components/offline/inquiry.h"
#include "components/offline/letter.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* Before it is tried again, when there is no room in the session's queue; and
   how long that may take in all.  The router waits for longer (office.c). */
#define PAUSE_MS 1000
#define PAUSES_MS 60000

struct show *
show_new(struct offline *offline, struct hook_event *event, size_t max,
	 struct error *err)
{
	struct mailbox *mailbox = mailbox_use(offline,
					      event->stanza.from->bare);
	struct arena *arena = event->req->arena;
	struct show *show;

	if (mailbox->showing != NULL) {
		error_set(err, ERROR_RESOURCE_CONSTRAINT,
			  "messages are being sent already");
		return NULL;
	}
	show = arena_alloc(arena, sizeof(*show));
	mailbox->showing = show;
	mailbox_hold(mailbox);
	show->offline = offline;
	show->mailbox = mailbox;
	show->event = event;
	show->max = show->most = max;
	show->arena = arena_new();
	show->items = arena_alloc(arena, max * sizeof(*show->items));
	show->ids = arena_alloc(arena, max * sizeof(*show->ids));
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

static void
leave_out(struct show *show, const char *id, const struct error *err)
{
	log_warning("offline: %s for %s cannot be shown: %s", id,
		    show->mailbox->jid, error_reason(err));
	if (show->refusal.cond == ERROR_NONE)
		show->refusal = *err;
}

int
show_add(struct show *show, const struct shelf_message *message,
	 struct error *err)
{
	struct arena *arena = show->arena;
	struct xml *el;

	ensure(show->count < show->max);
	if (letter_read(arena, message->stanza, show->event->host, &el,
			err) < 0) {
		leave_out(show, message->id, err);
		return -1;
	}
	add_node(arena, el, message->serial);
	show->ids[show->count] = arena_strdup(arena, message->id);
	/* The shim is not to remember it: it may be asked for again. */
	show->items[show->count++] = (struct hook_item){
		.id = "", .message = el, .stamp = message->stamp,
	};
	return 0;
}

static void send_next(struct show *show);

static void
on_closed(uv_handle_t *timer)
{
	free(timer);
}

static void
end_pause(struct show *show)
{
	uv_close((uv_handle_t *)show->pause, on_closed);
	show->pause = NULL;
}

static void
on_pause_over(uv_timer_t *timer)
{
	struct show *show = timer->data;

	end_pause(show);
	send_next(show);
}

static void
begin_pause(struct show *show)
{
	show->pause = malloc(sizeof(*show->pause));
	ensure(show->pause != NULL);
	uv_timer_init(show->offline->runtime->loop, show->pause);
	show->pause->data = show;
	show->paused_ms += PAUSE_MS;
	uv_timer_start(show->pause, on_pause_over, PAUSE_MS, 0);
}

static void
go_on(struct show *show)
{
	show->next += show->asked;
	if (show->next == show->count)
		show->done(show->ctx, NULL);
	else
		send_next(show);
}

/* Once one was looked for, by asking for less, more is tried again. */
static void
succeed(struct show *show)
{
	if (show->refusal.cond != ERROR_NONE && show->most < show->max)
		show->most *= 2;
	go_on(show);
}

/* Looks for the one; or there are more than the session's queue ever takes at a
   time. */
static void
find_it(struct show *show, const struct error *err, size_t most)
{
	if (show->asked > 1) {
		show->most = most;
		send_next(show);
		return;
	}
	leave_out(show, show->ids[show->next], err);
	go_on(show);
}

/* The shim has none of what has no id when it says that there is no room
   (PROTOCOL section 9). */
static bool
may_pause(const struct show *show, const struct error *err)
{
	return err->cond == ERROR_RESOURCE_CONSTRAINT &&
	       show->paused_ms < PAUSES_MS && !show->offline->stopping;
}

static void
on_sent(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct show *show = ctx;

	(void)answer;
	if (err == NULL)
		succeed(show);
	else if (may_pause(show, err))
		begin_pause(show);
	else if (hook_is_refusal(err))
		find_it(show, err, show->asked / 2);
	/* The session has those before the one, and would get half of them
	   again each time. */
	else if (err->cond == ERROR_INTERNAL_SERVER_ERROR)
		find_it(show, err, 1);
	else
		show->done(show->ctx, err);
}

static void
send_next(struct show *show)
{
	size_t left = show->count - show->next;
	const struct hook_delivery delivery = {
		.session = show->event->stanza.from->full,
		.items = show->items + show->next,
		.count = left < show->most ? left : show->most,
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
	show->mailbox->showing = NULL;
	mailbox_release(show->mailbox);
}

void
show_clear(struct show *show)
{
	show->count = show->next = 0;
	arena_reset(show->arena);
}

void
show_stop_all(struct offline *offline)
{
	struct mailbox *mailbox = offline->mailboxes;
	struct error err;

	error_set(&err, ERROR_RESOURCE_CONSTRAINT, "the service is stopping");
	for (; mailbox != NULL; mailbox = mailbox->hh.next) {
		struct show *show = mailbox->showing;

		if (show == NULL || show->pause == NULL)
			continue;
		end_pause(show);
		show->done(show->ctx, &err);
	}
}
