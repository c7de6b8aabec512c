#include "shared/hook_event.h"

#include <stddef.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook_host.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/ns.h"
#include "shared/number.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How each looks: PROTOCOL, sections 4 to 8 and 13. */
static const struct {
	const char *name;
	bool iq;		/* of type set; else a message */
	const char *who;	/* the attribute that names a user or session */
	const char *id;		/* and the message's id, which a tap may not
				   have */
} shapes[HOOK_EVENTS] = {
	[HOOK_ON_TAP] = { "tap", false, NULL, "id" },
	[HOOK_ON_CHECK] = { "check", true, NULL, "id" },
	[HOOK_ON_STORE] = { "store", true, "user", "id" },
	[HOOK_ON_WITHDRAW] = { "withdraw", false, "user", NULL },
	[HOOK_ON_ONLINE] = { "online", false, "jid", NULL },
	[HOOK_ON_OFFLINE] = { "offline", false, "jid", NULL },
	[HOOK_ON_ROUTE] = { "route", true, NULL, NULL },
	[HOOK_ON_DELEGATED] = { "delegated", true, NULL, NULL },
};

static const char *const dirs[] = {
	[HOOK_DIR_OUT] = "out", [HOOK_DIR_IN] = "in",
	[HOOK_DIR_BOTH] = "both", [HOOK_DIR_SHOWN] = "shown",
	[HOOK_DIR_REMOVED] = "removed", NULL
};
static const char *const origins[] = {
	[HOOK_ORIGIN_LOCAL] = "local", [HOOK_ORIGIN_REMOTE] = "remote",
	[HOOK_ORIGIN_COMPONENT] = "component", NULL
};
static const char *const points[] = {
	[HOOK_POINT_SEND] = "send", [HOOK_POINT_RECEIVE] = "receive", NULL
};

static bool
is_event(const struct request *req, enum hook_event_kind kind)
{
	const struct stanza *stanza = &req->stanza;

	if (shapes[kind].iq ? stanza->kind != STANZA_IQ ||
			      strcmp(stanza->type, "set") != 0 :
			      stanza->kind != STANZA_MESSAGE)
		return false;
	return xml_child(stanza->el, NS_ANNEX, shapes[kind].name) != NULL;
}

const char *
hook_event_name(enum hook_event_kind kind)
{
	return shapes[kind].name;
}

bool
hook_event_find(const struct request *req, enum hook_event_kind *kind_r)
{
	for (int kind = 0; kind < HOOK_EVENTS; kind++)
		if (is_event(req, (enum hook_event_kind)kind)) {
			*kind_r = (enum hook_event_kind)kind;
			return true;
		}
	return false;
}

/* The place of an attribute's value in a list of what it may be. */
static int
read_word(const struct xml *el, const char *name, const char *const *words,
	  unsigned *word_r, struct error *err)
{
	const char *text = xml_attr(el, name);

	for (unsigned i = 0; text != NULL && words[i] != NULL; i++)
		if (str_same(words[i], text)) {
			*word_r = i;
			return 0;
		}
	return error_set(err, ERROR_BAD_REQUEST, "<%s/> with %s '%.40s'",
			 el->name, name, text == NULL ? "" : text);
}

static bool
is_removal(const struct hook_event *event)
{
	return event->kind == HOOK_ON_TAP && event->dir == HOOK_DIR_REMOVED;
}

static int
parse_tap(const struct xml *el, struct hook_event *event, struct error *err)
{
	unsigned dir, origin = HOOK_ORIGIN_LOCAL;

	event->seq = number_of(xml_attr(el, "seq"), 0, UINT64_MAX);
	event->lost = number_of(xml_attr(el, "lost"), 0, UINT64_MAX);
	event->cut = xml_attr(el, HOOK_EVENT_CUT) != NULL;
	if (event->seq == 0)
		return error_set(err, ERROR_BAD_REQUEST, "<tap/> without seq");
	if (read_word(el, "dir", dirs, &dir, err) < 0)
		return -1;
	event->dir = (enum hook_dir)dir;
	if (!is_removal(event) &&
	    read_word(el, "origin", origins, &origin, err) < 0)
		return -1;
	event->origin = (enum hook_origin)origin;
	return 0;
}

static int
parse_check(const struct xml *el, struct hook_event *event, struct error *err)
{
	const char *profile = xml_attr(el, "profile");
	unsigned point;

	event->profile = profile == NULL ? "" : profile;
	event->cut = xml_attr(el, HOOK_EVENT_CUT) != NULL;
	if (read_word(el, "point", points, &point, err) < 0)
		return -1;
	event->point = (enum hook_point)point;
	return 0;
}

static int
parse_who(struct arena *arena, const struct xml *el, struct hook_event *event,
	  struct error *err)
{
	const char *name = is_removal(event) ? "user" :
			   shapes[event->kind].who;
	const char *text;

	if (name == NULL)
		return 0;
	text = xml_attr(el, name);
	if (text == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "<%s/> without %s",
				 el->name, name);
	if (jid_routed(arena, text, &event->who, err) < 0)
		return -1;
	if (*event->who->local == '\0' ||
	    strcmp(event->who->domain, event->host->domain) != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "<%s/> for %.40s, who is no user there",
				 el->name, text);
	return 0;
}

static int
parse_id(const struct xml *el, struct hook_event *event, struct error *err)
{
	const char *name = shapes[event->kind].id;

	event->id = name == NULL ? NULL : xml_attr(el, name);
	if (event->id == NULL)
		event->id = "";
	if (name != NULL && *event->id == '\0' && event->kind != HOOK_ON_TAP)
		return error_set(err, ERROR_BAD_REQUEST, "<%s/> without id",
				 el->name);
	return 0;
}

/* The stanza that the event is about. */
static int
parse_stanza(struct arena *arena, const struct xml *el,
	     struct hook_event *event, struct error *err)
{
	struct xml *presence;
	struct forward forward;
	int ret;

	event->stamp = clock_now();
	if (is_removal(event))
		return 0;
	switch (event->kind) {
	case HOOK_ON_OFFLINE:
		return 0;
	case HOOK_ON_WITHDRAW:
		event->ids = xml_text(arena, el);
		return 0;
	case HOOK_ON_ONLINE:
		event->known = str_same(xml_attr(el, "known") == NULL ? "" :
					xml_attr(el, "known"), "true");
		presence = xml_child(el, NULL, "presence");
		if (presence == NULL)
			return error_set(err, ERROR_BAD_REQUEST,
					 "<online/> without presence");
		return stanza_parse_routed(arena, presence, &event->stanza,
					   err);
	default:
		break;
	}
	ret = forward_parse(arena, el, &forward, err);
	event->stanza = forward.stanza;
	if (forward.stamp != 0)
		event->stamp = forward.stamp;
	return ret;
}

struct hook_event *
hook_event_new(struct request *req, enum hook_event_kind kind,
	       const struct hook_host *host)
{
	struct hook_event *event = arena_alloc(req->arena, sizeof(*event));

	event->kind = kind;
	event->host = host;
	event->req = req;
	event->id = event->profile = event->stanza.type = "";
	return event;
}

int
hook_event_parse(struct hook_event *event, struct error *err)
{
	struct arena *arena = event->req->arena;
	const struct xml *el = xml_child(event->req->stanza.el, NS_ANNEX,
					 shapes[event->kind].name);

	if (event->kind == HOOK_ON_TAP && parse_tap(el, event, err) < 0)
		return -1;
	if (event->kind == HOOK_ON_CHECK && parse_check(el, event, err) < 0)
		return -1;
	if (parse_id(el, event, err) < 0 ||
	    parse_who(arena, el, event, err) < 0)
		return -1;
	return parse_stanza(arena, el, event, err);
}
