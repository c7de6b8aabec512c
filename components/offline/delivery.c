#include "components/offline/delivery.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/offline/letter.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/removal.h"
#include "components/offline/resource.h"
#include "components/offline/setback.h"
#include "components/offline/shelf.h"
#include "components/offline/suspect.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/log.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Messages read at a time. */
#define PAGE 100

enum delivery_state {
	DELIVERY_READING,	/* the next page is on its way */
	DELIVERY_HANDING,	/* the shim has been asked to hand it over */
	DELIVERY_PAUSED,	/* something failed; it is tried again */
};

/* Messages of a user, read and not yet handed over.  What the user has from
   the first of them to the last is here, and can be removed as one. */
struct page {
	struct arena *arena;
	struct hook_item items[PAGE];
	int64_t serials[PAGE];
	size_t count;
	size_t next;		/* the first that is not handed over */
	size_t asked;		/* how many from there on the shim was asked
				   for */
};

struct delivery {
	struct mailbox *mailbox;
	enum delivery_state state;
	int64_t above;		/* the serial of the last that was read */
	bool again;		/* there may be more than was read */
	char *session;		/* to whom it is handed */
	struct page page;
	struct setback setback;
	uv_timer_t timer;	/* of a pause */
};

static void read_page(struct delivery *delivery);
static void hand_over(struct delivery *delivery);

static const struct hook_host *
find_shim(const struct mailbox *mailbox)
{
	const struct hook_host *host =
		hook_find(mailbox->offline->runtime->hook,
			  mailbox_host(mailbox));

	return host != NULL && host->hooks & HOOK_DELIVER ? host : NULL;
}

static void
set_state(struct delivery *delivery, enum delivery_state state)
{
	delivery->state = state;
	uv_timer_stop(&delivery->timer);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
end(struct delivery *delivery)
{
	struct offline *offline = delivery->mailbox->offline;

	setback_fini(&delivery->setback);
	delivery->mailbox->delivery = NULL;
	offline->deliveries--;
	offline_end(offline);
	arena_free(&delivery->page.arena);
	free(delivery->session);
	uv_close((uv_handle_t *)&delivery->timer, on_closed);
}

/* From the beginning, as nobody knows how far it came. */
static void
begin(struct delivery *delivery)
{
	struct mailbox *mailbox = delivery->mailbox;
	const struct resource *session = resource_taking(mailbox);

	free(delivery->session);
	delivery->session = NULL;
	if (session == NULL || find_shim(mailbox) == NULL ||
	    mailbox->offline->stopping) {
		end(delivery);
		return;
	}
	delivery->session = str_dup(session->jid);
	delivery->above = 0;
	read_page(delivery);
}

static void
on_pause_over(uv_timer_t *timer)
{
	struct delivery *delivery = timer->data;

	setback_end_pause(&delivery->setback);
	begin(delivery);
}

static void
pause_delivery(struct delivery *delivery, uint64_t ms)
{
	if (delivery->mailbox->offline->stopping) {
		end(delivery);
		return;
	}
	set_state(delivery, DELIVERY_PAUSED);
	uv_timer_start(&delivery->timer, on_pause_over, ms, 0);
}

/* Whether it goes on to its session.  One that asks for its messages stops
   what it did not ask for (XEP-0013 section 2.2). */
static bool
is_wanted(const struct delivery *delivery)
{
	const struct mailbox *mailbox = delivery->mailbox;
	const struct resource *session = resource_find(mailbox,
						       delivery->session);

	return !mailbox->offline->stopping &&
	       session != NULL && session->takes &&
	       resource_taking(mailbox) != NULL && find_shim(mailbox) != NULL;
}

/* It stays where it is: for another session, or for somebody who looks.  Its
   session may be gone. */
static void
pass_over(struct delivery *delivery, const char *id, int64_t serial,
	  const char *why)
{
	struct resource *session = resource_find(delivery->mailbox,
						 delivery->session);

	if (session == NULL)
		return;
	resource_pass(session, serial);
	log_warning("offline: %s for %s was passed over, and stays: %s", id,
		    delivery->session, why);
	offline_count(delivery->mailbox->offline, OFFLINE_PASSED_OVER, 1);
}

/* Returns -1 when the message cannot be delivered. */
static int
add_to_page(struct delivery *delivery, const struct shelf_message *message)
{
	struct page *page = &delivery->page;
	struct xml *el;
	struct error err;

	if (resource_has_passed(resource_find(delivery->mailbox,
					      delivery->session),
				message->serial) ||
	    suspect_is(delivery->mailbox->suspect, message->serial))
		return -1;
	if (letter_read(page->arena, message->stanza,
			find_shim(delivery->mailbox), &el, &err) < 0) {
		pass_over(delivery, message->id, message->serial,
			  error_reason(&err));
		return -1;
	}
	page->items[page->count] = (struct hook_item){
		.id = arena_strdup(page->arena, message->id),
		.message = el, .stamp = message->stamp,
	};
	page->serials[page->count++] = message->serial;
	return 0;
}

/* A message that cannot be delivered stops no other: the page ends before it,
   and the next begins after it. */
static void
fill_page(struct delivery *delivery, const struct store_result *result)
{
	struct shelf_message message;
	size_t rows = store_rows(result);

	for (size_t i = 0; i < rows; i++) {
		shelf_get(result, i, &message);
		delivery->above = message.serial;
		if (add_to_page(delivery, &message) < 0 &&
		    delivery->page.count > 0) {
			delivery->again = true;
			return;
		}
	}
	if (rows == PAGE)
		delivery->again = true;
}

static void
on_page(void *ctx, const struct store_result *result, const struct error *err)
{
	struct delivery *delivery = ctx;

	if (err != NULL) {
		pause_delivery(delivery,
			       setback_same_ms(&delivery->setback));
		return;
	}
	/* Only a read from the beginning sees all. */
	if (delivery->above == 0 && store_rows(result) == 0)
		mailbox_found_empty(delivery->mailbox);
	if (is_wanted(delivery)) {
		fill_page(delivery, result);
		hand_over(delivery);
	} else {
		begin(delivery);
	}
}

static void
read_page(struct delivery *delivery)
{
	struct page *page = &delivery->page;
	struct offline *offline = delivery->mailbox->offline;

	set_state(delivery, DELIVERY_READING);
	arena_free(&page->arena);
	page->arena = arena_new();
	page->count = page->next = 0;
	delivery->again = false;
	shelf_read(offline->shelf, delivery->mailbox->jid,
		   delivery->above, PAGE, on_page, delivery);
}

static void
remove_handed(struct delivery *delivery)
{
	const struct page *page = &delivery->page;

	removal_start(delivery->mailbox, page->items + page->next,
		      page->serials + page->next, page->asked);
}

static void
lose_session(struct delivery *delivery)
{
	struct resource *session = resource_find(delivery->mailbox,
						 delivery->session);

	if (session != NULL)
		resource_end(session);
	begin(delivery);
}

/* The single message that was asked for. */
static void
go_on_after_it(struct delivery *delivery)
{
	delivery->page.next++;
	hand_over(delivery);
}

static void
pass_over_it(struct delivery *delivery, const struct error *err)
{
	const struct page *page = &delivery->page;

	pass_over(delivery, page->items[page->next].id,
		  page->serials[page->next], error_reason(err));
	go_on_after_it(delivery);
}

static void
back_off(struct delivery *delivery)
{
	pause_delivery(delivery, setback_next_ms(&delivery->setback));
}

static void
fail(struct delivery *delivery, const struct error *err)
{
	const struct page *page = &delivery->page;
	const struct setback_try try = {
		.session = delivery->session, .asked = page->asked,
		.serial = page->serials[page->next],
	};

	switch (setback_judge(&delivery->setback, &try, err)) {
	case SETBACK_NO_SESSION:
		lose_session(delivery);
		break;
	case SETBACK_LESS:
		hand_over(delivery);
		break;
	case SETBACK_PASS_OVER:
		pass_over_it(delivery, err);
		break;
	case SETBACK_LEAVE_OUT:
		go_on_after_it(delivery);
		break;
	case SETBACK_PAUSE:
		back_off(delivery);
	}
}

static void
succeed(struct delivery *delivery)
{
	bool again = setback_succeed(&delivery->setback, delivery->session);

	remove_handed(delivery);
	delivery->page.next += delivery->page.asked;
	if (again)
		begin(delivery);
	else
		hand_over(delivery);
}

static void
on_handed(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct delivery *delivery = ctx;

	(void)answer;
	if (err == NULL)
		succeed(delivery);
	else
		fail(delivery, err);
}

static void
ask_shim(struct delivery *delivery, const struct hook_host *shim,
	 const struct hook_delivery *request)
{
	set_state(delivery, DELIVERY_HANDING);
	delivery->page.asked =
		hook_deliver(delivery->mailbox->offline->runtime, shim, request,
			     (struct hook_done){ on_handed, delivery });
}

/* There is nothing left, but for those that are left out. */
static void
finish(struct delivery *delivery)
{
	if (suspect_clear(delivery->mailbox->suspect))
		back_off(delivery);
	else
		end(delivery);
}

/* Goes on with the page, or with what comes after it. */
static void
hand_over(struct delivery *delivery)
{
	struct page *page = &delivery->page;
	size_t left = page->count - page->next, most = delivery->setback.most;
	const struct hook_delivery request = {
		.session = delivery->session,
		.items = page->items + page->next,
		.count = left < most ? left : most,
	};

	if (left == 0 && !delivery->again) {
		finish(delivery);
	} else if (!is_wanted(delivery)) {
		begin(delivery);
	} else if (left == 0) {
		read_page(delivery);
	} else {
		ask_shim(delivery, find_shim(delivery->mailbox), &request);
	}
}

void
delivery_start(struct mailbox *mailbox)
{
	struct delivery *delivery = mailbox->delivery;

	if (delivery != NULL) {
		delivery->again = true;
		return;
	}
	if (mailbox->state == MAILBOX_READY && mailbox->count == 0)
		return;
	delivery = calloc(1, sizeof(*delivery));
	ensure(delivery != NULL);
	delivery->mailbox = mailbox;
	setback_init(&delivery->setback, mailbox, PAGE);
	mailbox->delivery = delivery;
	offline_begin(mailbox->offline);
	mailbox->offline->deliveries++;
	uv_timer_init(mailbox->offline->runtime->loop, &delivery->timer);
	delivery->timer.data = delivery;
	begin(delivery);
}

void
delivery_wake(struct mailbox *mailbox)
{
	struct delivery *delivery = mailbox->delivery;
	uint64_t left_ms = delivery == NULL ? 0 :
			   setback_left_ms(&delivery->setback);

	if (delivery == NULL || delivery->state != DELIVERY_PAUSED)
		delivery_start(mailbox);
	else if (left_ms > 0)
		pause_delivery(delivery, left_ms);
	else
		on_pause_over(&delivery->timer);
}

bool
delivery_holds(const struct mailbox *mailbox, const char *id)
{
	const struct delivery *delivery = mailbox->delivery;
	const struct page *page;

	if (delivery == NULL)
		return false;
	page = &delivery->page;
	for (size_t i = page->next; i < page->count; i++)
		if (strcmp(page->items[i].id, id) == 0)
			return true;
	return false;
}

void
delivery_stop_all(struct offline *offline)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		if (mailbox->delivery != NULL &&
		    mailbox->delivery->state == DELIVERY_PAUSED)
			end(mailbox->delivery);
}
