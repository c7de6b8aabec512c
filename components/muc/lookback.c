#include "components/muc/lookback.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_address.h"
#include "components/muc/coverage.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "shared/archive_ends.h"
#include "shared/archive_owner.h"
#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/mam_answer.h"
#include "shared/mam_metadata.h"
#include "shared/mam_offer.h"
#include "shared/mam_query.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* Messages in a page: at most, and where a query does not say. */
#define PAGE_MAX 100
/* Of all, and of one person, that the database is asked for at a time: each may
   take as much memory as a page. */
#define ALL_MAX 64
#define EACH_MAX 4

/* How long one waits for what was said before to be in the database. */
#define JOURNAL_MS 2000

static const struct mam_offer offer = { .max = PAGE_MAX, .fulltext = true };

/* The room may go before the answer has come. */
struct lookback {
	struct lookback *prev, *next;	/* in muc->lookbacks */
	struct muc *muc;
	struct request *req;
	bool ends;		/* asks where the archive begins and ends */
	bool waiting;		/* for what was said before */
	bool unstable;		/* that may be missing */
	struct drain_wait wait;
	uv_timer_t timer;
	struct archive_owner owner;
	struct mam_query query;
	struct jid occupant;	/* with, where that is one */
	const char *key;	/* pseudonym.h's */
	bool full;		/* he may see real addresses */
};

void
lookback_add_features(const struct room *room, struct arena *arena,
		      struct xml *query)
{
	static const char *const features[] = {
		NS_MAM, NS_MAM "#extended", NS_FULLTEXT, NULL
	};

	if (coverage_has(room->muc, &room->options))
		disco_add_features(arena, query, features);
}

/* Who was inside with the password knows it, and who belongs to the room may
   be told. */
static bool
knows_password(const struct room *room, const struct jid *who,
	       enum affiliation affiliation)
{
	return !room->options.passwordprotectedroom ||
	       affiliation >= AFFILIATION_MEMBER ||
	       session_find(room, who->full) != NULL;
}

/* Whoever may enter now (section 6.1.2). */
static int
require_archive(const struct muc *muc, const struct request *req,
		struct room **room_r, struct error *err)
{
	enum affiliation affiliation;
	struct room *room;

	if (room_require(muc, req, &room, err) < 0)
		return -1;
	if (!coverage_has(muc, &room->options))
		return error_set(err, ERROR_SERVICE_UNAVAILABLE,
				 "the room has no archive");
	affiliation = room_affiliation(room, req->from);
	if (affiliation == AFFILIATION_OUTCAST ||
	    (room->options.membersonly && affiliation < AFFILIATION_MEMBER) ||
	    !knows_password(room, req->from, affiliation))
		return error_set(err, ERROR_FORBIDDEN,
				 "only for those who may enter");
	*room_r = room;
	return 0;
}

int
muc_on_archive_form(struct request *req, void *ctx, struct error *err)
{
	struct room *room;

	if (require_archive(ctx, req, &room, err) < 0)
		return -1;
	request_reply(req, mam_offer_form(req->arena, &offer));
	return 0;
}

static bool
sees_addresses(const struct room *room, const struct jid *who)
{
	const struct session *session = session_find(room, who->full);

	return room->options.whois == WHOIS_ANYONE ||
	       room_affiliation(room, who) >= AFFILIATION_ADMIN ||
	       (session != NULL && session->occupant->role == ROLE_MODERATOR);
}

/* A page counts, also where few messages are found. */
static int
take_turn(struct muc *muc, const struct request *req, struct error *err)
{
	const struct lookback *other;
	size_t all = 0, own = 0;

	DL_FOREACH(muc->lookbacks, other) {
		all++;
		own += jid_equal_bare(other->req->from, req->from);
	}
	if (all >= ALL_MAX || own >= EACH_MAX)
		return error_set_type(err, ERROR_RESOURCE_CONSTRAINT,
				      ERROR_TYPE_WAIT,
				      "too many look back at a time");
	return quota_take(muc, req->from->bare, QUOTA_PAGE, err);
}

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
stop_waiting(struct lookback *lookback)
{
	lookback->waiting = false;
	drain_wait_end(&lookback->wait);
	uv_timer_stop(&lookback->timer);
}

static void
finish(struct lookback *lookback, struct xml *answer, const struct error *err)
{
	stop_waiting(lookback);
	DL_DELETE(lookback->muc->lookbacks, lookback);
	if (err == NULL)
		request_reply(lookback->req, answer);
	request_finish(lookback->req, err);
	uv_close((uv_handle_t *)&lookback->timer, on_closed);
}

/* As it was said to all (6.1.2).  What the room itself has said is nobody's. */
static void
present(void *ctx, struct arena *arena, const struct archive_row *row,
	struct xml *message)
{
	const struct lookback *lookback = ctx;
	const char *room = lookback->req->to->bare;
	const char *author = xml_attr(message, "from");
	char pseudonym[PSEUDONYM_SIZE];
	struct xml *item;

	xml_set(arena, message, "to", NULL);
	xml_set(arena, message, "from", room);
	if (*row->to_resource == '\0')
		return;
	xml_set(arena, message, "from",
		arena_printf(arena, "%s/%s", room, row->to_resource));
	/* Nobody knows who, where that was taken over (minutes.h). */
	if (strcmp(row->sender, room) == 0)
		return;
	pseudonym_make(lookback->key, row->sender, pseudonym);
	pseudonym_add(arena, message, pseudonym);
	if (!lookback->full)
		return;
	item = xml_add(arena, xml_add(arena, message, NS_MUC_USER, "x"), NULL,
		       "item");
	xml_set(arena, item, "jid", author);
}

/* One that is too large for the router is as one that was removed (section
   3.2): the client can go on to those behind it. */
static void
send_result(void *ctx, const struct xml *result)
{
	const struct lookback *lookback = ctx;
	struct runtime *runtime = lookback->req->runtime;
	struct xml *copy, *forwarded;
	struct arena *arena;

	if (runtime_send(runtime, result) == 0)
		return;
	arena = arena_new();
	copy = xml_copy(arena, result);
	forwarded = xml_child(xml_child(copy, NS_MAM, "result"), NS_FORWARD,
			      "forwarded");
	xml_remove(xml_child(forwarded, NS_CLIENT, "message"));
	runtime_send(runtime, copy);
	arena_free(&arena);
}

static struct xml *
answer_page(struct lookback *lookback, const struct archive_page *page)
{
	const struct request *req = lookback->req;
	const struct mam_answer answer = {
		.query = &lookback->query, .archive = req->to->bare,
		.asker = req->from->full, .limit_bytes = SIZE_MAX,
		.unstable = lookback->unstable,
		.present = present, .send = send_result, .ctx = lookback,
	};

	return mam_answer_page(req->arena, &answer, page);
}

static void
on_page(void *ctx, const struct archive_page *page, const struct error *err)
{
	struct lookback *lookback = ctx;

	finish(lookback, err == NULL ? answer_page(lookback, page) : NULL,
	       err);
}

/* Whether anything may be found with whom the query names: an occupant, by his
   nick, or somebody by his own address, for those who may see that. */
static bool
take_with(struct lookback *lookback)
{
	struct mam_filter *filter = &lookback->query.filter;
	const struct jid *with = filter->with;

	if (with == NULL)
		return true;
	if (strcmp(with->bare, lookback->req->to->bare) != 0)
		return lookback->full;
	lookback->occupant = *with;
	lookback->occupant.bare = lookback->owner.jid;
	filter->with = *with->resource == '\0' ? NULL : &lookback->occupant;
	return true;
}

static void
on_ends(void *ctx, const struct mam_metadata *ends, const struct error *err)
{
	struct lookback *lookback = ctx;
	struct arena *arena = lookback->req->arena;

	finish(lookback, err == NULL ? mam_metadata_new(arena, ends) : NULL,
	       err);
}

static void
find(struct lookback *lookback)
{
	struct store *store = lookback->req->runtime->store;

	stop_waiting(lookback);
	if (lookback->ends)
		archive_ends_find(store, &lookback->owner, on_ends, lookback);
	else
		archive_page_find(store, &lookback->owner, &lookback->query,
				  on_page, lookback);
}

static void
on_settled(void *ctx)
{
	find(ctx);
}

static void
on_too_late(uv_timer_t *timer)
{
	struct lookback *lookback = timer->data;

	lookback->unstable = true;
	find(lookback);
}

/* He finds what was said before he asked. */
static void
begin(struct lookback *lookback)
{
	switch (chronicle_await(lookback->muc->chronicle, &lookback->wait)) {
	case ARCHIVE_OUTLET_SETTLED:
		find(lookback);
		break;
	case ARCHIVE_OUTLET_AWAITED:
		lookback->waiting = true;
		uv_timer_start(&lookback->timer, on_too_late, JOURNAL_MS, 0);
		break;
	case ARCHIVE_OUTLET_BEHIND:
		lookback->unstable = true;
		find(lookback);
	}
}

static struct lookback *
lookback_new(struct muc *muc, const struct room *room, struct request *req)
{
	struct lookback *lookback = calloc(1, sizeof(*lookback));

	ensure(lookback != NULL);
	lookback->muc = muc;
	lookback->req = req;
	lookback->owner = (struct archive_owner){
		ARCHIVE_OF_ROOM, chronicle_address(room, req->arena),
	};
	lookback->key = arena_strdup(req->arena, room->key);
	lookback->full = sees_addresses(room, req->from);
	lookback->wait.fn = on_settled;
	lookback->wait.ctx = lookback->timer.data = lookback;
	uv_timer_init(req->runtime->loop, &lookback->timer);
	DL_APPEND(muc->lookbacks, lookback);
	return lookback;
}

int
muc_on_archive_query(struct request *req, void *ctx, struct error *err)
{
	static const struct archive_page nothing = { .complete = true };
	struct muc *muc = ctx;
	struct lookback *lookback;
	struct mam_query query;
	struct room *room;

	if (require_archive(muc, req, &room, err) < 0 ||
	    mam_query_parse(req->arena, req->payload, &offer, &query,
			    err) < 0 ||
	    take_turn(muc, req, err) < 0)
		return -1;
	lookback = lookback_new(muc, room, req);
	lookback->query = query;
	if (take_with(lookback))
		begin(lookback);
	else
		finish(lookback, answer_page(lookback, &nothing), NULL);
	return REQUEST_PARKED;
}

int
muc_on_archive_ends(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct lookback *lookback;
	struct room *room;

	if (require_archive(muc, req, &room, err) < 0 ||
	    take_turn(muc, req, err) < 0)
		return -1;
	lookback = lookback_new(muc, room, req);
	lookback->ends = true;
	begin(lookback);
	return REQUEST_PARKED;
}

void
lookback_stop(struct muc *muc)
{
	struct lookback *lookback, *next;
	struct error err;

	error_set(&err, ERROR_RESOURCE_CONSTRAINT, "the service stops");
	DL_FOREACH_SAFE(muc->lookbacks, lookback, next)
		if (lookback->waiting)
			finish(lookback, NULL, &err);
}
