#include "components/muc/release.h"

#include <stdbool.h>
#include <stddef.h>

#include "components/muc/muc.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* People may leave out whose delay it is. */
static bool
is_from(const struct xml *delay, const char *host)
{
	const char *from = xml_attr(delay, "from");

	return from != NULL && str_same(from, host);
}

const struct xml *
release_delay(const struct muc *muc, const struct request *req)
{
	const struct hook *hook = muc->runtime->hook;
	const char *host = req->from->domain;
	const struct xml *el = xml_child(req->stanza.el, NS_DELAY, "delay");

	while (el != NULL && !is_from(el, host))
		el = xml_next(el, NS_DELAY, "delay");
	if (el == NULL || hook == NULL || hook_find(hook, host) == NULL)
		return NULL;
	return el;
}

int64_t
release_stamp(const struct xml *delay, int64_t now)
{
	const char *text = xml_attr(delay, "stamp");
	int64_t stamp = now;

	if (text != NULL)
		clock_parse(text, &stamp);
	return stamp > 0 && stamp < now ? stamp : now;
}
