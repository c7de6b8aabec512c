#include "components/offline/custody.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/offline/delivery.h"
#include "components/offline/keep.h"
#include "components/offline/letter.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/store.h"
#include "shared/str.h"

/* A message on its way into the database, in the arena of its request, which
   is parked. */
struct custody {
	struct hook_event *event;
	struct mailbox *mailbox;
	struct custody *next;		/* of those that wait to be judged */
	struct shelf_message message;
};

static struct offline *
offline_of(const struct custody *custody)
{
	return custody->mailbox->offline;
}

/* The custody is gone then. */
static void
finish(struct custody *custody, const struct error *err)
{
	struct offline *offline = offline_of(custody);

	request_finish(custody->event->req, err);
	offline_end(offline);
}

/* The router has it again. */
static void
leave(struct custody *custody, const struct error *err)
{
	log_info("offline: %s for %s left to the router: %s",
		 custody->message.id, custody->mailbox->jid, err->text);
	offline_count(offline_of(custody), OFFLINE_REFUSED, 1);
	finish(custody, err);
}

/* XEP-0160 section 2, step 3. */
static void
bounce(struct offline *offline, struct hook_event *event)
{
	offline_count(offline, OFFLINE_BOUNCED, 1);
	hook_bounce(event, ERROR_SERVICE_UNAVAILABLE);
}

/* What made room. */
static void
on_trimmed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct mailbox *mailbox = ctx;
	struct shelf_removed removed;
	size_t rows = err == NULL ? store_rows(result) : 0;

	for (size_t i = 0; i < rows; i++) {
		shelf_get_removed(result, i, &removed);
		log_info("offline: %s has too many: dropped %s from %s",
			 mailbox->jid, removed.id, removed.sender);
	}
	mailbox_take_removed(mailbox->offline, mailbox->jid, result, err);
	/* There is not as much as was thought. */
	if (rows == 0)
		mailbox_doubt(mailbox);
	offline_count(mailbox->offline, OFFLINE_DROPPED, rows);
	mailbox_release(mailbox);
}

static void
on_put(void *ctx, const struct store_result *result, const struct error *err)
{
	struct custody *custody = ctx;
	struct mailbox *mailbox = custody->mailbox;
	bool was_put = err == NULL && shelf_was_put(result, mailbox->jid,
						    custody->message.id);

	mailbox_release(mailbox);
	/* The same message may have come before. */
	if (!was_put)
		mailbox_doubt(mailbox);
	if (err != NULL) {
		leave(custody, err);
		return;
	}
	offline_count(mailbox->offline, OFFLINE_STORED, was_put);
	hook_accept(custody->event);
	finish(custody, NULL);
	/* The user may have come meanwhile. */
	delivery_start(mailbox);
}

static void
put(struct custody *custody)
{
	struct mailbox *mailbox = custody->mailbox;

	mailbox_hold(mailbox);
	mailbox_add(mailbox, custody->message.sender, 1);
	shelf_put(mailbox->offline->shelf, mailbox->jid, clock_now(),
		  &custody->message, on_put, custody);
}

static void
on_looked(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct custody *custody = ctx;
	const struct shelf_message *message = &custody->message;

	mailbox_release(custody->mailbox);
	if (err != NULL) {
		leave(custody, err);
		return;
	}
	if (store_rows(result) > 0) {
		hook_accept(custody->event);
	} else {
		log_info("offline: %s has too many: returned %s to %s",
			 custody->mailbox->jid, message->id, message->sender);
		bounce(offline_of(custody), custody->event);
	}
	finish(custody, NULL);
}

static void
judge(struct custody *custody)
{
	struct mailbox *mailbox = custody->mailbox;
	struct offline *offline = mailbox->offline;
	const char *sender = custody->message.sender;
	unsigned keep;

	if (!mailbox_is_full(mailbox, &sender, &keep)) {
		put(custody);
		return;
	}
	mailbox_hold(mailbox);
	if (str_same(offline->settings->at_limit, "bounce")) {
		/* It may be one of them, and come again. */
		shelf_look(offline->shelf, mailbox->jid,
			   custody->message.id, on_looked, custody);
		return;
	}
	put(custody);
	shelf_trim(offline->shelf, mailbox->jid, sender, keep,
		   on_trimmed, mailbox);
}

/* The messages that waited for the mailbox to be counted. */
static void
judge_all(struct mailbox *mailbox, const struct error *err)
{
	struct custody *custody;

	while ((custody = mailbox->first) != NULL) {
		mailbox->first = custody->next;
		if (err == NULL)
			judge(custody);
		else
			leave(custody, err);
	}
}

static void
append(struct mailbox *mailbox, struct custody *custody)
{
	if (mailbox->first == NULL)
		mailbox->first = custody;
	else
		mailbox->last->next = custody;
	mailbox->last = custody;
}

bool
custody_give_up(struct mailbox *mailbox, const char *id)
{
	struct custody **at = &mailbox->first, *before = NULL, *found;
	struct error err;

	while (*at != NULL && strcmp((*at)->message.id, id) != 0) {
		before = *at;
		at = &before->next;
	}
	found = *at;
	if (found == NULL)
		return false;
	*at = found->next;
	if (mailbox->last == found)
		mailbox->last = before;
	error_set(&err, ERROR_RESOURCE_CONSTRAINT, "it came too late");
	leave(found, &err);
	return true;
}

void
custody_discard(struct mailbox *mailbox)
{
	struct custody *custody;

	while ((custody = mailbox->first) != NULL) {
		mailbox->first = custody->next;
		offline_count(mailbox->offline, OFFLINE_DISCARDED, 1);
		hook_accept(custody->event);
		finish(custody, NULL);
	}
}

/* Whether it can be stored now, and delivered later. */
static int
check(const struct offline *offline, const struct hook_event *event,
      const char *text, struct error *err)
{
	if (!letter_fits(text, event->host))
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "too large to be delivered later");
	/* What would wait for the database longer than the shim for us would
	   be in the router's own store too. */
	if (!store_is_up(offline->runtime->store))
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "the database is away");
	if (offline->stopping)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "the service is stopping");
	return 0;
}

static bool
fits(const struct hook_event *event)
{
	const struct shelf_message key = {
		.id = event->id, .sender = event->stanza.from->bare,
	};

	return shelf_fits(event->who->bare, &key);
}

static int
take(struct offline *offline, struct hook_event *event, struct error *err)
{
	struct arena *arena = event->req->arena;
	const struct jid *from = event->stanza.from;
	struct xml *message = event->stanza.el;
	int64_t stamp = letter_take_stamp(message, event->host->domain,
					  event->stamp);
	const char *text = letter_print(arena, message);
	struct custody *custody;

	if (check(offline, event, text, err) < 0) {
		offline_count(offline, OFFLINE_REFUSED, 1);
		log_info("offline: %s for %s left to the router: %s",
			 event->id, event->who->bare, err->text);
		return -1;
	}
	custody = arena_alloc(arena, sizeof(*custody));
	custody->event = event;
	custody->mailbox = mailbox_use(offline, event->who->bare);
	custody->message = (struct shelf_message){
		.id = event->id, .sender = from->bare,
		.resource = from->resource, .stamp = stamp,
		.stanza = text,
	};
	offline_begin(offline);
	append(custody->mailbox, custody);
	mailbox_count(custody->mailbox, judge_all);
	return REQUEST_PARKED;
}

int
custody_on_store(struct hook_event *event, void *ctx, struct error *err)
{
	struct offline *offline = ctx;

	if (*event->id == '\0' || event->stanza.from == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a message without id or from");
	switch (keep_rule(&event->stanza)) {
	case KEEP_STORE:
		if (fits(event))
			return take(offline, event, err);
		log_info("offline: addresses and id too long: returned to %s "
			 "a message for %s", event->stanza.from->bare,
			 event->who->bare);
		bounce(offline, event);
		return 0;
	case KEEP_DISCARD:
		offline_count(offline, OFFLINE_DISCARDED, 1);
		hook_accept(event);
		return 0;
	case KEEP_BOUNCE:
		bounce(offline, event);
		return 0;
	}
	return 0;
}
