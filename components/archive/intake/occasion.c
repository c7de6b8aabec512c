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
#define NS_FILE_SHARING "urn:xmpp:sfs:0"
#define NS_JINGLE "urn:xmpp:jingle:1"
#define NS_SI "http://jabber.org/protocol/si"
#define NS_SIMS "urn:xmpp:sims:1"

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

/* Those of one stanza. */
struct files {
	struct arena *arena;
	struct file list[OCCASION_FILES_MAX];
	size_t count;
};

static void
add_file(struct files *files, const struct file *file)
{
	if (files->count < OCCASION_FILES_MAX)
		files->list[files->count++] = *file;
}

static void
tell_files(const struct look *look, const struct files *files)
{
	const struct stanza *stanza = look->stanza;

	for (size_t i = 0; i < files->count; i++) {
		const struct file *file = &files->list[i];
		struct archive_event event = {
			.kind = ARCHIVE_EVENT_FILE,
			.sender = stanza->from->bare,
			.resource = stanza->from->resource,
			.recipient = stanza->to->bare,
		};

		tell(look, &event, json_pack(
			"{s:s, s:s*, s:s*, s:s*}", "by", file->way,
			"name", file->name, "size", file->size,
			"url", file->url));
	}
}

/* Whether it is of any version of what begins so. */
static bool
is_of(const struct xml *el, const char *ns)
{
	return strncmp(el->ns, ns, strlen(ns)) == 0;
}

/* As XEP-0446 and XEP-0234 describe it alike. */
static void
describe(struct arena *arena, const struct xml *el, struct file *file)
{
	const struct xml *described = xml_child(el, NULL, "file");

	if (described == NULL || (!is_of(described, NS_JINGLE_FILE) &&
				  !is_of(described, NS_FILE)))
		return;
	file->name = xml_child_text(arena, described, described->ns, "name");
	file->size = xml_child_text(arena, described, described->ns, "size");
}

/* XEP-0096; and the first versions of XEP-0234. */
static void
describe_old(const struct xml *el, struct file *file)
{
	const struct xml *described = xml_child(el, NS_SI_FILE, "file");

	if (described == NULL)
		return;
	file->name = xml_attr(described, "name");
	file->size = xml_attr(described, "size");
}

/* XEP-0447. */
static void
find_sharings(struct files *files, const struct xml *message)
{
	const struct xml *el = xml_child(message, NS_FILE_SHARING,
					 "file-sharing");

	for (; el != NULL; el = xml_next(el, NS_FILE_SHARING,
					 "file-sharing")) {
		struct file file = { .way = "sharing" };
		const struct xml *sources = xml_child(el, NS_FILE_SHARING,
						      "sources");
		const struct xml *data = xml_child(sources, NS_URL_DATA,
						   "url-data");

		describe(files->arena, el, &file);
		if (data != NULL)
			file.url = xml_attr(data, "target");
		add_file(files, &file);
	}
}

/* XEP-0385. */
static void
find_media(struct files *files, const struct xml *message)
{
	const struct xml *el = xml_child(message, NS_REFERENCE, "reference");

	for (; el != NULL; el = xml_next(el, NS_REFERENCE, "reference")) {
		const struct xml *media = xml_child(el, NS_SIMS,
						    "media-sharing");
		const struct xml *source = xml_child(
			xml_child(media, NS_SIMS, "sources"), NS_REFERENCE,
			"reference");
		struct file file = { .way = "sharing" };

		if (media == NULL)
			continue;
		describe(files->arena, media, &file);
		if (source != NULL)
			file.url = xml_attr(source, "uri");
		add_file(files, &file);
	}
}

/* Clients that share a file name it by its URL as well, for those who know
   nothing else.  Returns whether it is one of those. */
static bool
is_known(struct files *files, const char *url)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].url != NULL &&
		    str_same(files->list[i].url, url))
			return true;
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].url == NULL) {
			files->list[i].url = url;
			return true;
		}
	return false;
}

/* XEP-0066. */
static void
find_urls(struct files *files, const struct xml *message)
{
	const struct xml *el = xml_child(message, NS_OOB, "x");

	for (; el != NULL; el = xml_next(el, NS_OOB, "x")) {
		const char *url = xml_child_text(files->arena, el, NS_OOB,
						 "url");

		if (url == NULL || !is_known(files, url))
			add_file(files, &(struct file){
				.way = "url", .url = url });
	}
}

static void
look_for_files(const struct look *look)
{
	const struct xml *message = look->stanza->el;
	struct files files = { .arena = look->arena };

	find_sharings(&files, message);
	find_media(&files, message);
	find_urls(&files, message);
	tell_files(look, &files);
}

static void
find_offers(struct files *files, const struct xml *jingle)
{
	const char *action = xml_attr(jingle, "action");
	const struct xml *content = xml_child(jingle, NS_JINGLE, "content");

	if (action == NULL || (!str_same(action, "session-initiate") &&
			       !str_same(action, "content-add")))
		return;
	for (; content != NULL;
	     content = xml_next(content, NS_JINGLE, "content")) {
		const struct xml *description = xml_child(content, NULL,
							  "description");
		struct file file = { .way = "jingle" };

		if (description == NULL ||
		    !is_of(description, NS_JINGLE_FILE))
			continue;
		describe_old(xml_child(description, description->ns, "offer"),
			     &file);
		describe(files->arena, description, &file);
		add_file(files, &file);
	}
}

static void
look_at_iq(const struct look *look)
{
	const struct xml *iq = look->stanza->el, *el;
	struct files files = { .arena = look->arena };
	struct file file = { .way = "si" };

	if ((el = xml_child(iq, NS_JINGLE, "jingle")) != NULL) {
		find_offers(&files, el);
	} else if ((el = xml_child(iq, NS_SI, "si")) != NULL &&
		   xml_child(el, NS_SI_FILE, "file") != NULL) {
		describe_old(el, &file);
		add_file(&files, &file);
	}
	tell_files(look, &files);
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
	else {
		/* Nobody is invited by what is said to all. */
		if (!str_same(stanza->type, "groupchat"))
			look_for_invitations(&look);
		look_for_files(&look);
	}
}
