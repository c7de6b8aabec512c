#include "components/offline/retrieval.h"

#include <stdbool.h>
#include <string.h>

#include "components/offline/contents.h"
#include "components/offline/fetch.h"
#include "components/offline/inquiry.h"
#include "components/offline/resource.h"
#include "components/offline/selection.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Sections 2.4 to 2.7. */
static int
on_offline(struct hook_event *event, struct offline *offline,
	   const struct xml *el, struct error *err)
{
	bool is_get = str_same(event->stanza.type, "get");

	if (xml_child(el, NS_OFFLINE, "item") != NULL)
		return is_get ? selection_view(event, offline, el, err) :
				selection_remove(event, offline, el, err);
	if (is_get && xml_child(el, NS_OFFLINE, "fetch") != NULL)
		return fetch_all(event, offline, err);
	if (!is_get && xml_child(el, NS_OFFLINE, "purge") != NULL)
		return fetch_purge(event, offline);
	return error_set(err, ERROR_BAD_REQUEST,
			 "neither item, nor fetch in a get or purge in a set");
}

/* A shim speaks for users of its host. */
static bool
is_of_host(const struct jid *jid, const struct hook_host *host)
{
	return jid != NULL && *jid->local != '\0' &&
	       strcmp(jid->domain, host->domain) == 0;
}

static int
on_content(struct hook_event *event, struct offline *offline,
	   struct error *err)
{
	const struct xml *iq = event->stanza.el;
	const struct xml *el;

	if ((el = xml_child(iq, NS_OFFLINE, "offline")) != NULL)
		return on_offline(event, offline, el, err);
	if (xml_child(iq, NS_DISCO_INFO, "query") != NULL)
		return inquiry_count(event, offline);
	if ((el = xml_child(iq, NS_DISCO_ITEMS, "query")) != NULL)
		return contents_list(event, offline, el, err);
	return error_set(err, ERROR_SERVICE_UNAVAILABLE, "not known here");
}

/* Whether what it asked for makes sense, be it now or later: nothing else
   stops the delivery. */
static bool
is_sensible(int ret, const struct error *err)
{
	return ret >= 0 || err->cond == ERROR_RESOURCE_CONSTRAINT;
}

int
retrieval_on_request(struct hook_event *event, void *ctx, struct error *err)
{
	const struct stanza *iq = &event->stanza;
	int ret;

	if (!is_of_host(iq->from, event->host) ||
	    (iq->to != NULL && !jid_equal_bare(iq->from, iq->to) &&
	     strcmp(iq->to->full, event->host->domain) != 0))
		return error_set(err, ERROR_FORBIDDEN,
				 "only for those whose messages they are");
	ret = on_content(event, ctx, err);
	if (str_same(iq->type, "get") && is_sensible(ret, err))
		resource_ask(ctx, iq->from);
	return ret;
}
