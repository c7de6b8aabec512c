#include "components/archive/intake/occasion.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

#define NS_CONFERENCE "jabber:x:conference"
#define NS_FILE_METADATA "urn:xmpp:file:metadata:0"
#define NS_FILE_SHARING "urn:xmpp:sfs:0"
#define NS_JINGLE "urn:xmpp:jingle:1"
#define NS_JINGLE_FILE "urn:xmpp:jingle:apps:file-transfer:5"
#define NS_OOB "jabber:x:oob"
#define NS_SI "http://jabber.org/protocol/si"
#define NS_SI_FILE NS_SI "/profile/file-transfer"
#define NS_URL_DATA "http://jabber.org/protocol/url-data"

/* Whom to tell of what a stanza is. */
struct look {
	struct arena *arena;
	const struct stanza *stanza;
	occasion_fn *fn;
	void *ctx;
};

/* The bare address that an attribute holds; NULL: none. */
static const char *
address_in(const struct look *look, const struct xml *el, const char *name)
{
	const char *text = xml_attr(el, name);
	const struct jid *jid;

	if (text == NULL ||
	    jid_routed(look->arena, text, &jid, &(struct error){ 0 }) < 0)
		return NULL;
	return jid->bare;
}

/* Takes detail. */
static void
tell(const struct look *look, struct archive_event *event, json_t *detail)
{
	event->detail = archive_event_detail(look->arena, detail);
	if (event->resource == NULL)
		event->resource = "";
	look->fn(look->ctx, event);
}

static void
tell_invitation(const struct look *look, struct archive_event *event,
		const char *reason)
{
	event->kind = ARCHIVE_EVENT_INVITATION;
	if (event->sender != NULL && event->recipient != NULL &&
	    event->about != NULL)
		tell(look, event, json_pack("{s:s*}", "reason", reason));
}

/* What somebody asks a room to send, or a room sends for somebody. */
static void
look_at_invite(const struct look *look, const struct xml *invite)
{
	const struct stanza *stanza = look->stanza;
	struct archive_event event = { .kind = ARCHIVE_EVENT_INVITATION };

	if (xml_attr(invite, "to") != NULL) {
		event.sender = stanza->from->bare;
		event.resource = stanza->from->resource;
		event.recipient = stanza->to->bare;
		event.about = address_in(look, invite, "to");
	} else {
		event.sender = address_in(look, invite, "from");
		event.recipient = stanza->from->bare;
		event.about = stanza->to->bare;
	}
	tell_invitation(look, &event, xml_child_text(
			look->arena, invite, NS_MUC_USER, "reason"));
}

/* A room that invites for somebody may name itself by the older element as
   well. */
static void
look_for_invitations(const struct look *look)
{
	const struct stanza *stanza = look->stanza;
	const struct xml *x = xml_child(stanza->el, NS_MUC_USER, "x");
	const struct xml *invite = x == NULL ? NULL :
				   xml_child(x, NS_MUC_USER, "invite");
	struct archive_event event = {
		.sender = stanza->from->bare,
		.resource = stanza->from->resource, .about = stanza->to->bare,
	};

	if (invite == NULL) {
		x = xml_child(stanza->el, NS_CONFERENCE, "x");
		if (x == NULL)
			return;
		event.recipient = address_in(look, x, "jid");
		tell_invitation(look, &event, xml_attr(x, "reason"));
		return;
	}
	for (size_t n = 0; invite != NULL && n < OCCASION_INVITATIONS_MAX;
	     n++) {
		look_at_invite(look, invite);
		invite = xml_next(invite, NS_MUC_USER, "invite");
	}
}

/* What is said of it; each may be NULL. */
struct file {
	const char *way, *name, *size, *url;
};

static void
tell_file(const struct look *look, const struct file *file)
{
	const struct stanza *stanza = look->stanza;
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_FILE, .sender = stanza->from->bare,
		.resource = stanza->from->resource,
		.recipient = stanza->to->bare,
	};

	tell(look, &event, json_pack("{s:s, s:s*, s:s*, s:s*}",
				     "by", file->way, "name", file->name,
				     "size", file->size, "url", file->url));
}

/* As XEP-0446 and XEP-0234 describe it alike. */
static void
describe(const struct look *look, const struct xml *el, const char *ns,
	 struct file *file)
{
	const struct xml *described = xml_child(el, ns, "file");

	if (described == NULL)
		return;
	file->name = xml_child_text(look->arena, described, ns, "name");
	file->size = xml_child_text(look->arena, described, ns, "size");
}

static void
look_for_urls(const struct look *look)
{
	const struct xml *message = look->stanza->el;
	const struct xml *sharing = xml_child(message, NS_FILE_SHARING,
					      "file-sharing");
	const struct xml *oob = xml_child(message, NS_OOB, "x");
	struct file file = { .way = sharing != NULL ? "sharing" : "url" };
	const struct xml *sources, *data;

	if (sharing == NULL && oob == NULL)
		return;
	if (oob != NULL)
		file.url = xml_child_text(look->arena, oob, NS_OOB, "url");
	if (sharing != NULL) {
		describe(look, sharing, NS_FILE_METADATA, &file);
		sources = xml_child(sharing, NS_FILE_SHARING, "sources");
		data = sources == NULL ? NULL :
		       xml_child(sources, NS_URL_DATA, "url-data");
		if (data != NULL)
			file.url = xml_attr(data, "target");
	}
	tell_file(look, &file);
}

static void
look_at_jingle(const struct look *look, const struct xml *jingle)
{
	const char *action = xml_attr(jingle, "action");
	const struct xml *content = xml_child(jingle, NS_JINGLE, "content");

	if (action == NULL || (!str_same(action, "session-initiate") &&
			       !str_same(action, "content-add")))
		return;
	for (; content != NULL;
	     content = xml_next(content, NS_JINGLE, "content")) {
		const struct xml *description = xml_child(
			content, NS_JINGLE_FILE, "description");
		struct file file = { .way = "jingle" };

		if (description == NULL)
			continue;
		describe(look, description, NS_JINGLE_FILE, &file);
		tell_file(look, &file);
		return;
	}
}

static void
look_at_iq(const struct look *look)
{
	const struct xml *iq = look->stanza->el, *el;
	struct file file = { .way = "si" };

	if ((el = xml_child(iq, NS_JINGLE, "jingle")) != NULL) {
		look_at_jingle(look, el);
	} else if ((el = xml_child(iq, NS_SI, "si")) != NULL &&
		   (el = xml_child(el, NS_SI_FILE, "file")) != NULL) {
		file.name = xml_attr(el, "name");
		file.size = xml_attr(el, "size");
		tell_file(look, &file);
	}
}

static void
look_at_presence(const struct look *look)
{
	const struct stanza *stanza = look->stanza;
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_SUBSCRIPTION,
		.sender = stanza->from->bare,
		.resource = stanza->from->resource,
		.recipient = stanza->to->bare,
	};

	if (str_same(stanza->type, "subscribe"))
		tell(look, &event, NULL);
}

void
occasion_find(struct arena *arena, const struct stanza *stanza,
	      occasion_fn *fn, void *ctx)
{
	const struct look look = { arena, stanza, fn, ctx };

	if (stanza->from == NULL || stanza->to == NULL ||
	    str_same(stanza->type, "error") || str_same(stanza->type, "result"))
		return;
	if (stanza->kind == STANZA_PRESENCE)
		look_at_presence(&look);
	else if (stanza->kind == STANZA_IQ)
		look_at_iq(&look);
	else if (!str_same(stanza->type, "groupchat")) {
		look_for_invitations(&look);
		look_for_urls(&look);
	}
}
