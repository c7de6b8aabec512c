#include "components/archive/policy/review.h"

#include <inttypes.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/policy/claim.h"
#include "components/archive/policy/court.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/ledger.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/verdict.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/number.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

static const char host_is_away[] =
	"the router's host is away, try again later";

/* Of one that is being decided about. */
struct review {
	struct archive *archive;
	struct claim claim;
	bool claimed;
	/* In the call's arena. */
	struct held held;
	struct stanza stanza;
	struct ledger_entry *entry;	/* on its way into the journal */
};

/* How far a list has come. */
struct listing {
	struct held_place place;	/* behind which it goes on */
	unsigned left;
};

/* Rows of a list that are read at once. */
#define PART 100

bool
review_allows(void *ctx, const struct jid *who)
{
	const struct archive *archive = ctx;

	return str_is_one_of(who->bare, archive->settings->reviewers);
}

/* The stanza, in the arena; or NULL, as somebody else has changed it. */
static struct xml *
read_stanza(struct arena *arena, const struct held *held)
{
	struct error ignored;
	struct xml *el;

	if (parser_document(arena, held->stanza, strlen(held->stanza),
			    &parser_limits_default, &el, &ignored) < 0)
		return NULL;
	return el;
}

static const char *
text_of(struct arena *arena, const struct held *held)
{
	const struct xml *el = read_stanza(arena, held);
	const char *text;

	if (el == NULL)
		return NULL;
	text = str_same(el->name, "message") ? content_written(arena, el) :
	       NULL;
	return text != NULL ? text : el->name;
}

/* What a stanza is read into does not stay until the end of the call. */
static void
tell(struct call *call, const struct held *held, bool whole)
{
	char stamp[CLOCK_TEXT_SIZE], since[CLOCK_TEXT_SIZE];
	struct arena *arena = arena_new();
	const char *const cells[] = {
		held->uid, clock_print(held->stamp, stamp),
		clock_print(held->since, since), held->sender,
		held->recipient, held->profile, held->waits,
		text_of(arena, held),
		whole ? held->stanza : NULL,
	};

	call_row(call, cells);
	arena_free(&arena);
}

static void
on_found(struct call *call, const struct store_result *result)
{
	if (store_rows(result) > 0) {
		const struct held held = held_of(result, 0);

		tell(call, &held, true);
	}
	call_end(call, NULL);
}

static void list_part(struct call *call);

static void
on_part(struct call *call, const struct store_result *result)
{
	struct listing *listing = call->state;
	size_t rows = store_rows(result), told = 0;

	for (; told < rows && listing->left > 0; told++, listing->left--) {
		const struct held held = held_of(result, told);

		tell(call, &held, false);
		held_place_set(&listing->place, &held);
	}
	if (told < rows)
		call_say(call, "There is more: go on with --after %" PRId64
			 ".", listing->place.since);
	if (told < rows || rows < PART)
		call_end(call, NULL);
	else
		call_then(call, list_part);
}

/* There are whole stanzas in a part.  One more than are wanted is asked for, to
   know whether there is one. */
static void
list_part(struct call *call)
{
	struct listing *listing = call->state;

	held_list(call, &listing->place, listing->left < PART ?
		  listing->left + 1 : PART, on_part);
}

static void
list(struct call *call)
{
	const char *uid = call_text(call, "id");

	if (uid != NULL)
		held_find(call, uid, on_found);
	else
		list_part(call);
}

static void
end_listing(struct call *call)
{
	struct listing *listing = call->state;

	held_place_reset(&listing->place);
}

/* No two have waited since the same time. */
static int
read_place(const struct call *call, struct held_place *place,
	   struct error *err)
{
	const char *text = call_text(call, "after");

	*place = (struct held_place){ 0 };
	if (text == NULL)
		return 0;
	place->since = (int64_t)number_of(text, 0, INT64_MAX - 1);
	if (place->since == 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "after: a place in the list is wanted");
	place->since++;
	return 0;
}

int
review_held(struct call *call, void *ctx, struct error *err)
{
	struct listing *listing = arena_alloc(call->arena, sizeof(*listing));

	(void)ctx;
	if (read_place(call, &listing->place, err) < 0)
		return -1;
	listing->left = call_uint(call, "limit");
	call->state = listing;
	call->fini = end_listing;
	audit_call(call, list);
	return CALL_PARKED;
}

static void
fini(struct call *call)
{
	struct review *review = call->state;

	ledger_forget(&review->entry);
	if (review->claimed)
		claim_drop(&review->archive->claims, &review->claim);
	review->claimed = false;
}

/* Says why it cannot be begun. */
static int
begin(struct call *call, struct archive *archive, struct error *err)
{
	struct review *review = arena_alloc(call->arena, sizeof(*review));

	review->entry = NULL;
	review->claimed = claim_take(&archive->claims, &review->claim,
				     call_text(call, "id"));
	if (!review->claimed)
		return error_set(err, ERROR_CONFLICT, "it is being decided "
				 "about already");
	review->archive = archive;
	call->state = review;
	call->fini = fini;
	return 0;
}

static void
finish(struct call *call, const char *done)
{
	log_info("archive: %s was %s by %s", call_text(call, "id"), done,
		 call->by == NULL ? "an operator" : call->by->bare);
	call_say(call, "It is %s.", done);
	call_end(call, NULL);
}

static void
end_with(struct call *call, enum error_cond cond, const char *why)
{
	struct error err = { 0 };

	error_set(&err, cond, "%s", why);
	call_end(call, &err);
}

static void
on_released(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct call *call = ctx;
	const struct review *review = call->state;

	(void)answer;
	if (err != NULL) {
		call_end(call, err);
		return;
	}
	fini(call);
	held_take_out(review->archive, review->claim.uid, review->held.host);
	finish(call, "released");
}

static void
let_go(struct call *call)
{
	const struct review *review = call->state;
	const struct held *held = &review->held;
	const struct hook_host *host = hook_find(call->runtime->hook,
						 held->host);
	const struct hook_release release = {
		.id = held->uid, .point = held->point, .stamp = held->stamp,
		.stanza = review->stanza.el,
	};

	if (host == NULL)
		end_with(call, ERROR_SERVICE_UNAVAILABLE, host_is_away);
	else
		hook_release(call->runtime, host, &release,
			     (struct hook_done){ on_released, call });
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct call *call = ctx;
	struct review *review = call->state;

	review->entry = NULL;
	if (err != NULL)
		call_end(call, err);
	else
		let_go(call);
}

/* NULL: there is none by now. */
static const struct policy *
policy_of(const struct review *review)
{
	const struct court *court = review->archive->court;

	return court == NULL ? NULL :
			       court_find(court, review->held.profile);
}

/* Where the policy wants that, as of what was never held. */
static void
log_first(struct call *call)
{
	struct review *review = call->state;
	const struct policy *policy = policy_of(review);
	const struct ledger_item item = {
		.arena = call->arena, .stanza = &review->stanza,
		.log_first = policy != NULL && policy->log_first,
		.fn = on_logged, .ctx = call,
	};
	struct error err;

	if (ledger_put_held(review->archive, &review->held, &item,
			    &review->entry, &err) < 0)
		call_end(call, &err);
	else if (review->entry == NULL)
		let_go(call);
}

/* Each of the two returns 0; or -1: the call has ended. */
static int
take(struct call *call, const struct store_result *result)
{
	struct review *review = call->state;

	if (store_rows(result) == 0) {
		end_with(call, ERROR_ITEM_NOT_FOUND, "nothing of that id is "
			 "held");
		return -1;
	}
	review->held = held_copy(call->arena, result, 0);
	return 0;
}

static int
take_stanza(struct call *call)
{
	struct review *review = call->state;
	struct xml *el = read_stanza(call->arena, &review->held);
	struct error ignored;

	if (el != NULL && stanza_parse_routed(call->arena, el,
					      &review->stanza, &ignored) == 0)
		return 0;
	end_with(call, ERROR_INTERNAL_SERVER_ERROR, "its stanza was changed "
		 "in the database, and is none");
	return -1;
}

static void
on_release(struct call *call, const struct store_result *result)
{
	const struct review *review = call->state;
	const struct hook_host *host;

	if (take(call, result) < 0 || take_stanza(call) < 0)
		return;
	host = hook_find(call->runtime->hook, review->held.host);
	if (host == NULL)
		end_with(call, ERROR_SERVICE_UNAVAILABLE, host_is_away);
	else if (!hook_host_takes(host, review->stanza.el))
		end_with(call, ERROR_POLICY_VIOLATION, "it is larger than the "
			 "router takes");
	else
		log_first(call);
}

static void
find_for_release(struct call *call)
{
	held_find(call, call_text(call, "id"), on_release);
}

int
review_release(struct call *call, void *ctx, struct error *err)
{
	if (begin(call, ctx, err) < 0)
		return -1;
	audit_call(call, find_for_release);
	return CALL_PARKED;
}

static void
on_refused(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct call *call = ctx;

	(void)answer;
	if (err == NULL)
		call_say(call, "Its sender was told, if he is there.");
	else
		call_say(call, "Its sender was not told: %s.",
			 error_reason(err));
	finish(call, "rejected");
}

/* Where the policy has a notice, with that; he hears it as if it had been
   blocked at once. */
static void
tell_sender(struct call *call)
{
	const struct review *review = call->state;
	const struct held *held = &review->held;
	const struct policy *policy = policy_of(review);
	const struct hook_host *host = hook_find(call->runtime->hook,
						 held->host);
	const struct hook_denial denial = {
		.id = held->uid, .point = held->point,
		.stanza = read_stanza(call->arena, held),
		.text = policy == NULL ? NULL : policy->notice,
	};

	if (denial.text == NULL || host == NULL || denial.stanza == NULL ||
	    !hook_host_takes(host, denial.stanza))
		finish(call, "rejected");
	else
		hook_deny(call->runtime, host, &denial,
			  (struct hook_done){ on_refused, call });
}

static void
on_rejected(void *ctx, const struct store_result *result,
	    const struct error *err)
{
	struct call *call = ctx;

	(void)result;
	if (err != NULL)
		call_end(call, err);
	else
		tell_sender(call);
}

static void
on_kept(void *ctx, const struct error *err)
{
	struct call *call = ctx;
	struct review *review = call->state;

	review->entry = NULL;
	if (err != NULL)
		call_end(call, err);
	else
		held_remove(call->runtime->store, review->held.uid,
			    review->held.host, on_rejected, call);
}

/* A legal hold covers it: what was in it stays as an event. */
static void
keep(struct call *call)
{
	struct review *review = call->state;
	const struct verdict_ending ending = {
		.arena = call->arena, .held = &review->held,
		.stanza = &review->stanza, .word = "reject",
	};

	if (take_stanza(call) < 0)
		return;
	review->entry = ledger_put_ending(review->archive, &ending, on_kept,
					  call);
	if (review->entry == NULL)
		end_with(call, ERROR_SERVICE_UNAVAILABLE, "it is held in a "
			 "matter, and the archive cannot keep it now");
}

static void
on_tried(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct call *call = ctx;

	if (err != NULL)
		call_end(call, err);
	else if (store_rows(result) > 0)
		tell_sender(call);
	else
		keep(call);
}

static void
on_reject(struct call *call, const struct store_result *result)
{
	const struct review *review = call->state;

	if (take(call, result) == 0)
		held_remove_free(call->runtime->store, &review->held,
				 INT64_MAX, on_tried, call);
}

static void
find_for_rejection(struct call *call)
{
	held_find(call, call_text(call, "id"), on_reject);
}

int
review_reject(struct call *call, void *ctx, struct error *err)
{
	if (begin(call, ctx, err) < 0)
		return -1;
	audit_call(call, find_for_rejection);
	return CALL_PARKED;
}
