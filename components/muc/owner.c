#include <stdlib.h>
#include <string.h>

#include "components/muc/configure.h"
#include "components/muc/coverage.h"
#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "components/muc/witness.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

#define FIELD_ADMINS "muc#roomconfig_roomadmins"
#define FIELD_OWNERS "muc#roomconfig_roomowners"

/* The full list of those of one affiliation (10.5 and 10.8). */
struct people {
	const struct jid **jids;	/* sorted; NULL when not mentioned */
	size_t count;
};

/* What a submitted form says. */
struct submission {
	struct room *room;
	const char *by;		/* bare address of who submits it */
	struct options options;
	struct people owners, admins;
};

static void
add_people(struct arena *arena, struct xml *field, const struct room *room,
	   enum affiliation affiliation)
{
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation == affiliation)
			form_add_value(arena, field, who->jid);
}

static int
require_owner(const struct muc *muc, const struct request *req,
	      struct room **room_r, struct error *err)
{
	if (room_require(muc, req, room_r, err) < 0)
		return -1;
	if (!room_is_owner(*room_r, req->from))
		return error_set(err, ERROR_FORBIDDEN,
				 "only owners configure the room");
	return 0;
}

/* Sections 10.1.3 and 10.2. */
int
muc_on_owner_get(struct request *req, void *ctx, struct error *err)
{
	struct arena *arena = req->arena;
	struct xml *query = xml_new(arena, NS_MUC_OWNER, "query");
	struct xml *form;
	struct room *room;

	if (require_owner(ctx, req, &room, err) < 0)
		return -1;
	form = form_new(arena, "form", NS_MUC_ROOMCONFIG);
	form_add_title(arena, form,
		       arena_printf(arena, "Configuration of %s", room->jid));
	options_print(&room->options, coverage_is_chosen(room->muc), arena,
		      form);
	add_people(arena, form_add(arena, form, "jid-multi", FIELD_ADMINS,
				   "Room admins"), room, AFFILIATION_ADMIN);
	add_people(arena, form_add(arena, form, "jid-multi", FIELD_OWNERS,
				   "Room owners"), room, AFFILIATION_OWNER);
	xml_append(query, form);
	if (quota_take_list(ctx, req->from->bare, filter_length(query),
			    err) < 0)
		return -1;
	request_reply(req, query);
	return 0;
}

/* Sorted by address, for a list can be long. */
static int
compare(const void *a, const void *b)
{
	const struct jid *const *x = a, *const *y = b;

	return strcmp((*x)->bare, (*y)->bare);
}

static int
read_people(struct arena *arena, const struct form *form, const char *var,
	    struct people *people_r, struct error *err)
{
	const struct form_field *field = form_find(form, var);
	const struct jid *jid;

	if (field == NULL)
		return 0;
	people_r->jids = arena_alloc(arena, (field->count + 1) *
					    sizeof(*people_r->jids));
	for (size_t i = 0; i < field->count; i++) {
		if (field->values[i][0] == '\0')
			continue;
		if (jid_parsez(arena, field->values[i], &jid, err) < 0)
			return error_set_type(err, ERROR_NOT_ACCEPTABLE,
					      ERROR_TYPE_MODIFY,
					      "%s: not an address: %s", var,
					      field->values[i]);
		people_r->jids[people_r->count++] = jid_bare(arena, jid);
	}
	if (people_r->count > 0)
		qsort(people_r->jids, people_r->count,
		      sizeof(*people_r->jids), compare);
	return 0;
}

/* How many are in the list who were nothing to the room. */
static size_t
count_new(const struct room *room, const struct people *people)
{
	size_t n = 0;

	for (size_t i = 0; i < people->count; i++)
		n += !affiliate_find(room->affiliates, people->jids[i]->bare);
	return n;
}

static int
check_addresses(const struct room *room, const struct people *people,
		enum affiliation affiliation, struct error *err)
{
	for (size_t i = 0; i < people->count; i++)
		if (standing_check_address(room, people->jids[i], affiliation,
					   err) < 0)
			return -1;
	return 0;
}

static int
check_people(const struct submission *submission, struct error *err)
{
	const struct people *owners = &submission->owners;
	const struct people *admins = &submission->admins;
	const struct room *room = submission->room;

	if (owners->jids != NULL && owners->count == 0)
		return error_set(err, ERROR_CONFLICT, "a room needs an owner");
	if (check_addresses(room, owners, AFFILIATION_OWNER, err) < 0 ||
	    check_addresses(room, admins, AFFILIATION_ADMIN, err) < 0)
		return -1;
	return standing_check_count(room, count_new(room, owners) +
					  count_new(room, admins), err);
}

static int
read_submission(struct arena *arena, const struct form *form,
		struct submission *submission, struct error *err)
{
	if (form->form_type != NULL &&
	    strcmp(form->form_type, NS_MUC_ROOMCONFIG) != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "not a room configuration");
	if (options_submit(&submission->options, form, err) < 0 ||
	    read_people(arena, form, FIELD_OWNERS, &submission->owners,
			err) < 0 ||
	    read_people(arena, form, FIELD_ADMINS, &submission->admins,
			err) < 0)
		return -1;
	return check_people(submission, err);
}

static int
compare_with(const void *text, const void *element)
{
	const struct jid *const *jid = element;

	return strcmp(text, (*jid)->bare);
}

static bool
has(const struct people *people, const char *jid)
{
	return people->count > 0 &&
	       bsearch(jid, people->jids, people->count,
		       sizeof(*people->jids), compare_with) != NULL;
}

/* Those who have the affiliation but are not in the list lose it. */
static void
drop_people(const struct submission *submission, struct arena *arena,
	    const struct people *list, enum affiliation was,
	    enum affiliation is)
{
	struct standing change = { .affiliation = is, .by = submission->by };
	struct room *room = submission->room;
	struct affiliate *who, *next;
	const struct jid *jid;

	HASH_ITER(hh, room->affiliates, who, next)
		if (who->affiliation == was && !has(list, who->jid) &&
		    jid_parsez(arena, who->jid, &jid,
			       &(struct error){ 0 }) == 0)
			standing_set_affiliation(room, arena, jid, &change);
}

static void
give(const struct submission *submission, struct arena *arena,
     const struct jid *who, enum affiliation affiliation)
{
	struct standing change = {
		.affiliation = affiliation, .by = submission->by,
	};
	struct room *room = submission->room;

	if (affiliation_of(room->affiliates, who) != affiliation)
		standing_set_affiliation(room, arena, who, &change);
}

/* Whether somebody in the list of admins remains, or becomes, an owner. */
static bool
stays_owner(const struct submission *submission, const struct jid *who)
{
	if (submission->owners.jids != NULL)
		return has(&submission->owners, who->bare);
	return affiliation_of(submission->room->affiliates, who) ==
	       AFFILIATION_OWNER;
}

/* Those who move from one list to the other are never without affiliation in
   between; and where admins are not mentioned, who was an owner is one of them
   now (10.2). */
static void
apply_people(const struct submission *submission, struct arena *arena)
{
	const struct people *owners = &submission->owners;
	const struct people *admins = &submission->admins;

	for (size_t i = 0; i < owners->count; i++)
		give(submission, arena, owners->jids[i], AFFILIATION_OWNER);
	for (size_t i = 0; i < admins->count; i++)
		if (!stays_owner(submission, admins->jids[i]))
			give(submission, arena, admins->jids[i],
			     AFFILIATION_ADMIN);
	if (admins->jids != NULL)
		drop_people(submission, arena, admins, AFFILIATION_ADMIN,
			    AFFILIATION_NONE);
	if (owners->jids != NULL)
		drop_people(submission, arena, owners, AFFILIATION_OWNER,
			    admins->jids != NULL ? AFFILIATION_NONE :
						   AFFILIATION_ADMIN);
}

static void
apply(struct submission *submission, struct arena *arena)
{
	struct configure configure;

	configure_begin(&configure, submission->room, &submission->options);
	witness_configured(submission->room, submission->by, &configure.was);
	apply_people(submission, arena);
	configure_end(&configure, arena);
}

static int
configure(struct request *req, struct room *room, const struct form *form,
	  struct error *err)
{
	struct submission submission = {
		.room = room, .by = req->from->bare,
	};

	options_copy(&submission.options, &room->options);
	if (read_submission(req->arena, form, &submission, err) < 0) {
		options_fini(&submission.options);
		return -1;
	}
	request_reply(req, NULL);
	apply(&submission, req->arena);
	return 0;
}

/* Giving up the configuration of a new room gives up the room (10.1.3). */
static int
cancel(struct request *req, struct room *room)
{
	request_reply(req, NULL);
	if (room->state == ROOM_LOCKED) {
		witness_destroyed(room, req->from->bare, NULL);
		room_destroy(&room, req->arena, NULL, NULL, NULL);
	}
	return 0;
}

/* Section 10.9. */
static int
destroy(struct request *req, struct room *room, const struct xml *el,
	struct error *err)
{
	const char *venue = xml_attr(el, "jid"), *reason;
	const struct jid *jid;

	if (venue != NULL && jid_parsez(req->arena, venue, &jid, err) < 0)
		return -1;
	reason = xml_child_text(req->arena, el, NS_MUC_OWNER, "reason");
	witness_destroyed(room, req->from->bare, reason);
	/* The occupants are told before the owner gets the result. */
	room_destroy(&room, req->arena, venue,
		     xml_child_text(req->arena, el, NS_MUC_OWNER, "password"),
		     reason);
	request_reply(req, NULL);
	return 0;
}

int
muc_on_owner_set(struct request *req, void *ctx, struct error *err)
{
	const struct xml *el;
	const struct form *form;
	struct room *room;

	if (require_owner(ctx, req, &room, err) < 0)
		return -1;
	el = xml_child(req->payload, NS_MUC_OWNER, "destroy");
	if (el != NULL)
		return destroy(req, room, el, err);
	el = xml_child(req->payload, NS_DATA, "x");
	if (el == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "no form");
	if (form_parse(req->arena, el, &form, err) < 0)
		return -1;
	if (strcmp(form->type, "cancel") == 0)
		return cancel(req, room);
	if (strcmp(form->type, "submit") != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "the form is not submitted");
	return configure(req, room, form, err);
}
