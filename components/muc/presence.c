#include "components/muc/presence.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/component.h"
#include "shared/fanout.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How much a recipient sees. */
enum view {
	VIEW_ANONYMOUS,		/* not the real address */
	VIEW_FULL,
	VIEW_SELF,
	VIEW_COUNT,
};

/* One presence in the views that were needed so far. */
struct views {
	const struct session *about;
	const struct notice *notice;
	bool terse;		/* without what people wrote */
	struct str head;
	struct str tail[VIEW_COUNT];
	struct router_template stanza[VIEW_COUNT];
};

struct notice
notice_of(const struct occupant *occupant)
{
	return (struct notice){
		.role = occupant->role,
		.affiliation = occupant->affiliation,
	};
}

struct notice
notice_going(const struct occupant *occupant)
{
	return (struct notice){
		.unavailable = true,
		.role = ROLE_NONE,
		.affiliation = occupant->affiliation,
	};
}

void
notice_add_code(unsigned codes[NOTICE_CODES], unsigned code)
{
	size_t n = 0;

	while (codes[n] != 0)
		n++;
	if (n < NOTICE_CODES - 1)
		codes[n] = code;
}

static unsigned
role_bit(enum role role)
{
	switch (role) {
	case ROLE_MODERATOR:
		return OPTION_MODERATOR;
	case ROLE_PARTICIPANT:
		return OPTION_PARTICIPANT;
	case ROLE_VISITOR:
		return OPTION_VISITOR;
	case ROLE_NONE:
		break;
	}
	return 0;
}

bool
presence_is_broadcast(const struct room *room, enum role role)
{
	return room->options.presencebroadcast & role_bit(role);
}

bool
presence_shows_address(const struct session *to)
{
	return to->occupant->room->options.whois == WHOIS_ANYONE ||
	       to->occupant->role == ROLE_MODERATOR;
}

static enum view
view_of(const struct session *about, const struct session *to)
{
	if (about->occupant == to->occupant)
		return VIEW_SELF;
	return presence_shows_address(to) ? VIEW_FULL : VIEW_ANONYMOUS;
}

static void
print_text(struct str *out, const char *name, const char *text)
{
	str_addf(out, "<%s>", name);
	xml_escape(out, text);
	str_addf(out, "</%s>", name);
}

static void
print_item(struct str *out, const struct views *views, enum view view)
{
	const struct notice *notice = views->notice;
	const char *reason = views->terse ? NULL : notice->reason;

	str_addz(out, "<item");
	xml_print_attr(out, "affiliation",
		       affiliation_name(notice->affiliation));
	xml_print_attr(out, "role", role_name(notice->role));
	if (view != VIEW_ANONYMOUS)
		xml_print_attr(out, "jid", views->about->jid);
	if (notice->nick != NULL)
		xml_print_attr(out, "nick", notice->nick);
	if (notice->actor == NULL && reason == NULL) {
		str_addz(out, "/>");
		return;
	}
	str_addc(out, '>');
	if (notice->actor != NULL) {
		str_addz(out, "<actor");
		xml_print_attr(out, "nick", notice->actor);
		str_addz(out, "/>");
	}
	if (reason != NULL)
		print_text(out, "reason", reason);
	str_addz(out, "</item>");
}

static void
print_codes(struct str *out, const unsigned codes[NOTICE_CODES])
{
	for (size_t i = 0; codes[i] != 0; i++)
		str_addf(out, "<status code='%u'/>", codes[i]);
}

static void
print_destroy(struct str *out, const struct views *views)
{
	const struct xml *destroy = views->notice->destroy;

	if (!views->terse) {
		xml_print(out, destroy, NS_MUC_USER);
		return;
	}
	str_addz(out, "<destroy");
	if (xml_attr(destroy, "jid") != NULL)
		xml_print_attr(out, "jid", xml_attr(destroy, "jid"));
	str_addz(out, "/>");
}

static void
print_tail(struct str *out, const struct views *views, enum view view)
{
	const struct notice *notice = views->notice;
	const char *payload = notice->payload;

	if (payload == NULL && !notice->unavailable)
		payload = views->about->presence;
	str_addz(out, notice->unavailable ? " type='unavailable'>" : ">");
	if (payload != NULL && !views->terse)
		str_addz(out, payload);
	pseudonym_print(out, views->about->occupant->pseudonym);
	str_addz(out, "<x xmlns='" NS_MUC_USER "'>");
	print_item(out, views, view);
	print_codes(out, notice->codes);
	if (view == VIEW_SELF) {
		str_addf(out, "<status code='%d'/>", STATUS_SELF);
		print_codes(out, notice->self);
	}
	if (notice->destroy != NULL)
		print_destroy(out, views);
	str_addz(out, "</x></presence>");
}

static void
views_init(struct views *views, const struct session *about,
	   const struct notice *notice)
{
	const struct occupant *who = about->occupant;

	memset(views, 0, sizeof(*views));
	views->about = about;
	views->notice = notice;
	str_addz(&views->head, "<presence from='");
	xml_escape(&views->head, who->room->jid);
	str_addc(&views->head, '/');
	xml_escape(&views->head, who->nick);
	str_addc(&views->head, '\'');
}

static void
views_fini(struct views *views)
{
	str_fini(&views->head);
	for (size_t i = 0; i < VIEW_COUNT; i++)
		str_fini(&views->tail[i]);
}

/* Who is in the room must be known, however much somebody had to say about
   it: above the router's limit, that is left out. */
static void
print_view(struct views *views, enum view view, const struct router *router)
{
	struct router_template *stanza = &views->stanza[view];
	struct str *tail = &views->tail[view];

	print_tail(tail, views, view);
	*stanza = (struct router_template){
		.head = views->head.data, .head_len = views->head.len,
		.tail = tail->data, .tail_len = tail->len,
	};
	if (router_fits(router, stanza))
		return;
	views->terse = true;
	str_clear(tail);
	print_tail(tail, views, view);
	stanza->tail = tail->data;
	stanza->tail_len = tail->len;
}

static struct router_template *
views_stanza(struct views *views, enum view view, const struct router *router)
{
	if (views->tail[view].len == 0)
		print_view(views, view, router);
	return &views->stanza[view];
}

static void
views_send(struct views *views, const struct session *to)
{
	const struct muc *muc = to->occupant->room->muc;
	struct router_template *stanza =
		views_stanza(views, view_of(views->about, to),
			     muc->runtime->router);

	fanout_send_to(muc->fanout, stanza, to->to, to->to_len);
}

/* To all others who see it so. */
static void
views_send_others(struct views *views, enum view view)
{
	const struct occupant *who = views->about->occupant;
	const struct room *room = who->room;
	struct fanout *fanout = room->muc->fanout;
	struct router_template *stanza =
		views_stanza(views, view, room->muc->runtime->router);

	fanout_begin(fanout, stanza);
	for (const struct session *to = room->sessions; to; to = to->hh.next)
		if (to->occupant != who && view_of(views->about, to) == view)
			fanout_add(fanout, to->to, to->to_len);
	fanout_end(fanout);
}

void
presence_tell_others(const struct session *about, const struct notice *notice)
{
	const struct room *room = about->occupant->room;
	struct views views;

	if (!presence_is_broadcast(room, about->occupant->role))
		return;
	views_init(&views, about, notice);
	views_send_others(&views, VIEW_FULL);
	if (room->options.whois != WHOIS_ANYONE)
		views_send_others(&views, VIEW_ANONYMOUS);
	views_fini(&views);
}

static void
tell_self(const struct session *about, const struct notice *notice)
{
	struct views views;

	views_init(&views, about, notice);
	for (const struct session *to = about->occupant->sessions; to;
	     to = to->next)
		views_send(&views, to);
	views_fini(&views);
}

void
presence_broadcast(const struct session *about, const struct notice *notice)
{
	tell_self(about, notice);
	presence_tell_others(about, notice);
}

void
presence_change_role(struct occupant *who, enum role role)
{
	const struct room *room = who->room;
	struct notice notice = notice_going(who);

	if (presence_is_broadcast(room, who->role) &&
	    !presence_is_broadcast(room, role))
		presence_tell_others(who->sessions, &notice);
	who->role = role;
	roomstore_save_occupant(who);
}

/* About those whose role is none of these, but is broadcast. */
static void
tell_others_of_all_but(const struct room *room, unsigned roles,
		       struct notice (*notice_fn)(const struct occupant *))
{
	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next) {
		struct notice notice = notice_fn(who);

		if (role_bit(who->role) & ~roles)
			presence_tell_others(who->sessions, &notice);
	}
}

/* In this order no address is shown to those from whom it was hidden, or is
   from now on. */
struct options
presence_change_options(struct room *room, const struct options *options)
{
	struct options was = room->options;

	tell_others_of_all_but(room, options->presencebroadcast,
			       notice_going);
	room->options = *options;
	tell_others_of_all_but(room, was.presencebroadcast, notice_of);
	return was;
}

void
presence_send(const struct session *about, const struct notice *notice,
	      const struct session *to)
{
	struct views views;

	views_init(&views, about, notice);
	views_send(&views, to);
	views_fini(&views);
}

void
presence_send_gathered(const struct session *about,
		       const struct notice *notice, bool full)
{
	const struct muc *muc = about->occupant->room->muc;
	struct views views;

	views_init(&views, about, notice);
	fanout_send(muc->fanout,
		    views_stanza(&views, full ? VIEW_FULL : VIEW_ANONYMOUS,
				 muc->runtime->router));
	views_fini(&views);
}

void
presence_send_others(const struct session *to)
{
	const struct room *room = to->occupant->room;

	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next) {
		struct notice notice = notice_of(who);

		if (who != to->occupant &&
		    presence_is_broadcast(room, who->role))
			presence_send(who->sessions, &notice, to);
	}
}
