#include "components/archive/desk/desk.h"

#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/desk/readers.h"
#include "components/archive/desk/reading.h"
#include "components/archive/intake/removals.h"
#include "components/archive/keep/preference.h"
#include "components/archive/keep/preferences.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/status.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Longer than a reading may take. */
#define ANSWER_SECS 120

/* What a shim must give, for its users to read. */
#define HOOKS (HOOK_DELIVER | HOOK_DELEGATE)

static void
on_delegated(void *ctx, const struct error *err, const struct stanza *answer)
{
	(void)ctx;
	(void)answer;
	if (err != NULL)
		log_warning("archive: the router does not have requests for "
			    "archives answered here: %s", error_reason(err));
}

/* What the archive can do is the account's to say (XEP-0313 section 7,
   XEP-0424 section 4). */
void
desk_open(struct archive *archive, const struct hook_host *host)
{
	static const char *const features[] = {
		NS_RETRACT "#tombstone", NS_RETRACT, NS_MAM "#extended",
		NS_MAM "#groupchat-field", NS_FULLTEXT, NS_RSM, NS_SID, NULL
	};
	const struct hook_delegate delegate = {
		.ns = NS_MAM, .secs = ANSWER_SECS,
		.features = features,
	};

	if ((host->hooks & HOOKS) == HOOKS)
		hook_delegate(archive->runtime, host, &delegate,
			      (struct hook_done){ on_delegated, NULL });
	else
		log_info("archive: nobody of %s reads an archive, as its "
			 "module does not give us both deliver and delegate",
			 host->domain);
}

static int
answer(struct archive *archive, struct hook_event *event, struct xml *payload)
{
	hook_reply(event, payload);
	readers_count(archive->readers, NULL, 0);
	return 0;
}

static int
on_query(struct archive *archive, struct hook_event *event,
	 const struct xml *query, struct error *err)
{
	const struct mam_offer offer = readers_offer(archive->readers);

	if (str_same(event->stanza.type, "set"))
		return reading_start(archive->readers, event, query, err);
	return answer(archive, event,
		      mam_offer_form(event->req->arena, &offer));
}

/* XEP-0441 section 2.1. */
static int
on_choice(struct archive *archive, struct hook_event *event,
	  const struct xml *prefs, struct error *err)
{
	struct arena *arena = event->req->arena;
	struct preference preference;

	if (!archive->settings->preferences)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "all messages are kept here");
	if (preference_parse(arena, prefs, &preference, err) < 0)
		return -1;
	return reading_start_choice(archive->readers, event, &preference);
}

static int
on_prefs(struct archive *archive, struct hook_event *event,
	 const struct xml *prefs, struct error *err)
{
	struct preference preference;

	if (str_same(event->stanza.type, "set"))
		return on_choice(archive, event, prefs, err);
	if (removals_has(archive->removals, event->stanza.from->bare) ||
	    preferences_find(archive->preferences,
			     event->stanza.from->bare, &preference, err) < 0)
		return reading_start_chosen(archive->readers, event);
	return answer(archive, event,
		      preference_print(event->req->arena, &preference));
}

static int
on_content(struct archive *archive, struct hook_event *event,
	   struct error *err)
{
	const struct xml *iq = event->stanza.el;
	const struct xml *el;

	if ((el = xml_child(iq, NS_MAM, "query")) != NULL)
		return on_query(archive, event, el, err);
	if ((el = xml_child(iq, NS_MAM, "prefs")) != NULL)
		return on_prefs(archive, event, el, err);
	if (xml_child(iq, NS_MAM, "metadata") != NULL &&
	    str_same(event->stanza.type, "get"))
		return reading_start_ends(archive->readers, event);
	return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
			 "not known here");
}

/* A shim speaks for users of its host, who ask their own accounts. */
static bool
is_own(const struct hook_event *event)
{
	const struct jid *from = event->stanza.from, *to = event->stanza.to;

	return from != NULL && *from->local != '\0' &&
	       strcmp(from->domain, event->host->domain) == 0 &&
	       (to == NULL || jid_equal_bare(from, to));
}

static int
on_request(struct archive *archive, struct hook_event *event,
	   struct error *err)
{
	/* Nobody would end it once the service stops. */
	if (archive->journal == NULL)
		return error_set(err, ERROR_SERVICE_UNAVAILABLE,
				 "nobody reads any more");
	if (!is_own(event))
		return error_set(err, ERROR_FORBIDDEN,
				 "only for those whose archive it is");
	return on_content(archive, event, err);
}

int
desk_on_request(struct hook_event *event, void *ctx, struct error *err)
{
	struct archive *archive = ctx;
	int ret = on_request(archive, event, err);

	if (ret < 0)
		readers_count(archive->readers, err, 0);
	return ret;
}

void
desk_status(const struct archive *archive, struct call *call)
{
	const struct hook *hook = archive->runtime->hook;
	struct str hosts = { 0 };
	const char *name;

	for (size_t i = 0; (name = hook_host_named(hook, i)) != NULL; i++) {
		const struct hook_host *host = hook_find(hook, name);

		if (host != NULL && (host->hooks & HOOKS) == HOOKS)
			str_addf(&hosts, "%s%s", hosts.len > 0 ? ", " : "",
				 name);
	}
	status_add(call, "read by users of", "%s",
		   hosts.len > 0 ? hosts.data : "no host");
	str_fini(&hosts);
}
