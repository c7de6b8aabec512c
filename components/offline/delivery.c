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
#include "components/offline/shelf.h"
#include "components/offline/suspect.h"
#include "shared/arena.h"
#include "shared/backoff.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/log.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Messages read at a time. */
#define PAGE 100
/* Before it is tried again: when the database did not do it, and first when
   the router did not; and then at most. */
#define PAUSE_MS 5000
#define LONGEST_PAUSE_MS 120000

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
	size_t most;		/* to ask the shim for at a time */
	bool failing;		/* the router does not take them; it was said */
	struct backoff backoff;
	uint64_t failed_ms;	/* when a try failed, by the loop's clock */
	bool late;		/* there was a pause since messages were handed
				   over */
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
set_failing(struct delivery *delivery, bool failing)
{
	struct offline *offline = delivery->mailbox->offline;

	if (failing && !delivery->failing)
		offline->failing++;
	else if (!failing && delivery->failing)
		offline->failing--;
	delivery->failing = failing;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
end_suspicion(struct mailbox *mailbox)
{
	if (suspect_rest(mailbox->suspect))
		return;
	free(mailbox->suspect);
	mailbox->suspect = NULL;
}

static void
end(struct delivery *delivery)
{
	struct offline *offline = delivery->mailbox->offline;

	set_failing(delivery, false);
	end_suspicion(delivery->mailbox);
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

	delivery->late = true;
	begin(delivery);
}

static uint64_t
now_ms(const struct delivery *delivery)
{
	return uv_now(delivery->mailbox->offline->runtime->loop);
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

/* A try failed. */
static void
pause_for(struct delivery *delivery, unsigned ms)
{
	delivery->failed_ms = now_ms(delivery);
	pause_delivery(delivery, ms);
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
		pause_for(delivery, PAUSE_MS);
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
leave_out(struct delivery *delivery, const struct error *err)
{
	struct page *page = &delivery->page;

	pass_over(delivery, page->items[page->next].id,
		  page->serials[page->next], error_reason(err));
	page->next++;
	hand_over(delivery);
}

static void
begin_to_fail(struct delivery *delivery, const struct error *err)
{
	if (!delivery->failing)
		log_warning("offline: messages for %s were not delivered: %s",
			    delivery->session, error_reason(err));
	set_failing(delivery, true);
}

static void
back_off(struct delivery *delivery)
{
	pause_for(delivery, backoff_next_ms(&delivery->backoff));
}

/* The shim failed over the single message that was asked for. */
static void
suspect_it(struct delivery *delivery, const struct error *err)
{
	struct page *page = &delivery->page;

	switch (suspect_take_failure(delivery->mailbox->suspect,
				     page->serials[page->next],
				     delivery->late)) {
	case SUSPECT_TO_BLAME:
		leave_out(delivery, err);
		break;
	case SUSPECT_LEFT_OUT:
		page->next++;
		hand_over(delivery);
		break;
	case SUSPECT_NONE:
		back_off(delivery);
	}
}

/* Looks for the one, by asking for less. */
static void
halve(struct delivery *delivery)
{
	delivery->most = delivery->page.asked / 2;
	hand_over(delivery);
}

/* Whether it may be a message of those that were asked for.  What the end of
   the link left without an answer says nothing of them. */
static bool
is_vague(const struct delivery *delivery, const struct error *err)
{
	return router_is_up(delivery->mailbox->offline->runtime->router) &&
	       (err->cond == ERROR_INTERNAL_SERVER_ERROR ||
		err->cond == ERROR_REMOTE_SERVER_TIMEOUT);
}

/* The less is asked for, the sooner there is room for all of it. */
static void
fail(struct delivery *delivery, const struct error *err)
{
	size_t asked = delivery->page.asked;

	begin_to_fail(delivery, err);
	if (is_vague(delivery, err)) {
		if (asked == 1)
			suspect_it(delivery, err);
		else
			halve(delivery);
		return;
	}
	if (asked > 1)
		delivery->most = asked / 2;
	back_off(delivery);
}

static void
succeed(struct delivery *delivery)
{
	if (delivery->failing)
		log_info("offline: messages for %s are delivered again",
			 delivery->session);
	set_failing(delivery, false);
	delivery->late = false;
	backoff_reset(&delivery->backoff);
	if (delivery->most < PAGE)
		delivery->most *= 2;
	remove_handed(delivery);
	delivery->page.next += delivery->page.asked;
	if (suspect_take_success(delivery->mailbox->suspect))
		begin(delivery);
	else
		hand_over(delivery);
}

static void
be_refused(struct delivery *delivery, const struct error *err)
{
	if (delivery->page.asked == 1)
		leave_out(delivery, err);
	else
		halve(delivery);
}

static void
on_handed(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct delivery *delivery = ctx;

	(void)answer;
	if (err == NULL)
		succeed(delivery);
	else if (err->cond == ERROR_ITEM_NOT_FOUND)
		lose_session(delivery);
	else if (hook_is_refusal(err))
		be_refused(delivery, err);
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
	size_t left = page->count - page->next;
	const struct hook_delivery request = {
		.session = delivery->session,
		.items = page->items + page->next,
		.count = left < delivery->most ? left : delivery->most,
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
	delivery->most = PAGE;
	delivery->backoff.first_ms = PAUSE_MS;
	delivery->backoff.last_ms = LONGEST_PAUSE_MS;
	mailbox->delivery = delivery;
	if (mailbox->suspect == NULL)
		mailbox->suspect = calloc(1, sizeof(*mailbox->suspect));
	ensure(mailbox->suspect != NULL);
	offline_begin(mailbox->offline);
	mailbox->offline->deliveries++;
	uv_timer_init(mailbox->offline->runtime->loop, &delivery->timer);
	delivery->timer.data = delivery;
	begin(delivery);
}

/* However often that may be, there is a pause between two tries. */
static void
end_pause_soon(struct delivery *delivery)
{
	uint64_t passed = now_ms(delivery) - delivery->failed_ms;

	if (passed < PAUSE_MS)
		pause_delivery(delivery, PAUSE_MS - passed);
	else
		on_pause_over(&delivery->timer);
}

void
delivery_wake(struct mailbox *mailbox)
{
	struct delivery *delivery = mailbox->delivery;

	if (delivery != NULL)
		backoff_reset(&delivery->backoff);
	if (delivery != NULL && delivery->state == DELIVERY_PAUSED)
		end_pause_soon(delivery);
	else
		delivery_start(mailbox);
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
