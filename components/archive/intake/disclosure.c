#include "components/archive/intake/disclosure.h"

#include <string.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/intake/reminder.h"
#include "components/archive/keep/compliance.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/section.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

#define TEXT_BYTES 2000

static const struct setting settings[] = {
	SETTING(STRING, disclosure_settings, text,
		"What is said here is archived.", "What they are told."),
	SETTING(STRING, disclosure_settings, from, "",
		"The address that tells them, one of the service's; when "
		"empty, the service's own."),
	SETTING_RANGE(SECS, disclosure_settings, interval, "24h", 60, 0,
		      "How long until two people are told again, by what they "
		      "say then."),
	SETTING(LIST, disclosure_settings, users, "",
		"Addresses of those of whose conversations both are told."),
	SETTING(LIST, disclosure_settings, domains, "",
		"The same for all addresses of a domain."),
	SETTING(LIST, disclosure_settings, groups, "",
		"The same for all of a group.  When there is nobody, no "
		"domain and no group, it is everybody."),
	SETTING(BOOL, disclosure_settings, outside, "no",
		"Whether those of other servers are told as well."),
	{ .name = NULL }
};

const struct setting_section disclosure_section = {
	"disclosure", settings, sizeof(struct disclosure_settings)
};

/* Nobody may speak for others. */
static int
check_from(const char *from, const char *domain, struct error *err)
{
	const char *at = strchr(from, '@');

	if (*from == '\0')
		return 0;
	if (section_check_address(from, false, err) < 0)
		return -1;
	return str_same(at == NULL ? from : at + 1, domain) ? 0 :
	       error_set(err, ERROR_BAD_REQUEST, "'%.60s' is no address of "
			 "the service", from);
}

static int
check(const struct disclosure_settings *own, const char *domain,
      const struct groups *groups, struct error *err)
{
	if (*own->text == '\0' || strlen(own->text) > TEXT_BYTES)
		return error_set(err, ERROR_BAD_REQUEST, "has no text, or one "
				 "of more than %d bytes", TEXT_BYTES);
	if (check_from(own->from, domain, err) < 0 ||
	    section_check_addresses(own->users, false, err) < 0 ||
	    section_check_addresses(own->domains, true, err) < 0)
		return -1;
	return groups_check(groups, own->groups, err);
}

int
disclosure_check(const struct archive_settings *all,
		 const struct groups *groups, struct error *err)
{
	const struct setting_titled *titled = all->disclosure;

	for (; titled->title != NULL; titled++) {
		struct error why = { 0 };

		if (check(titled->values, all->component.domain, groups,
			  &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "%s", titled->title, why.text);
	}
	return 0;
}

static bool
is_about(const struct archive *archive, const struct disclosure_settings *own,
	 const struct jid *who)
{
	return str_is_one_of(who->bare, own->users) ||
	       str_is_one_of(who->domain, own->domains) ||
	       groups_any_has(archive->groups, own->groups, who->bare);
}

static bool
is_about_all(const struct disclosure_settings *own)
{
	return own->users[0] == NULL && own->domains[0] == NULL &&
	       own->groups[0] == NULL;
}

/* The first section that is about either of them; NULL: none is. */
static const struct setting_titled *
find(const struct archive *archive, const struct stanza *message)
{
	const struct setting_titled *titled = archive->settings->disclosure;

	for (; titled->title != NULL; titled++) {
		const struct disclosure_settings *own = titled->values;

		if (is_about_all(own) ||
		    is_about(archive, own, message->from) ||
		    is_about(archive, own, message->to))
			return titled;
	}
	return NULL;
}

/* One of its users, and no service that may be at the host itself. */
static bool
is_told(const struct archive *archive, const struct disclosure_settings *own,
	const struct jid *who)
{
	return *who->local != '\0' &&
	       (own->outside ||
		hook_find(archive->runtime->hook, who->domain) != NULL);
}

/* To all clients of theirs, and to those who are away as well; no archive
   keeps it (XEP-0334). */
static void
tell(struct archive *archive, struct arena *arena,
     const struct disclosure_settings *own, const struct jid *who)
{
	const char *from = *own->from != '\0' ? own->from :
			   archive->runtime->domain;
	struct xml *message = stanza_new(arena, "message", from, who->bare,
					 "chat");

	xml_add_text(arena, message, NULL, "body", own->text);
	xml_add(arena, message, NS_HINTS, "no-permanent-store");
	runtime_send(archive->runtime, message);
}

/* The same whoever of them speaks. */
static const char *
name_of(struct arena *arena, const char *title, const struct stanza *message)
{
	const char *one = message->from->bare, *other = message->to->bare;
	bool first = strcmp(one, other) < 0;

	return arena_printf(arena, "%s\n%s\n%s", title, first ? one : other,
			    first ? other : one);
}

/* And not a client by itself, of what it has got or shown. */
static bool
says_something(const struct xml *message)
{
	const struct xml *answer = xml_child(message, NS_RECEIPTS, "received");

	if (answer == NULL)
		answer = xml_child(message, NS_CHAT_MARKERS, "displayed");
	return content_lasts_beside(message, answer);
}

/* Whether two people talk, with each other, and not with us. */
static bool
is_conversation(const struct archive *archive, const struct hook_event *event)
{
	const struct stanza *message = &event->stanza;
	const char *own = archive->runtime->domain;

	return message->el != NULL && message->kind == STANZA_MESSAGE &&
	       event->dir != HOOK_DIR_SHOWN && message->from != NULL &&
	       message->to != NULL && *message->to->local != '\0' &&
	       *message->from->local != '\0' &&
	       !str_same(message->from->domain, own) &&
	       !str_same(message->to->domain, own) &&
	       !jid_equal_bare(message->from, message->to) &&
	       says_something(message->el) &&
	       compliance_ways(archive->compliance, message, ARCHIVE_SENT,
			       false) != 0;
}

void
disclosure_take(struct archive *archive, const struct hook_event *event)
{
	const struct stanza *message = &event->stanza;
	struct arena *arena = event->req->arena;
	const struct disclosure_settings *own;
	const struct setting_titled *titled;

	if (archive->settings->disclosure[0].title == NULL ||
	    !is_conversation(archive, event))
		return;
	titled = find(archive, message);
	if (titled == NULL)
		return;
	own = titled->values;
	if (!reminder_is_due(archive->disclosed,
			     name_of(arena, titled->title, message),
			     uv_now(archive->runtime->loop),
			     own->interval * UINT64_C(1000)))
		return;
	if (is_told(archive, own, message->from))
		tell(archive, arena, own, message->from);
	if (is_told(archive, own, message->to))
		tell(archive, arena, own, message->to);
}
