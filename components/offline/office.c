#include "components/offline/office.h"

#include <stdlib.h>

#include "components/offline/delivery.h"
#include "components/offline/expiry.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/resource.h"
#include "components/offline/shelf.h"
#include "components/offline/show.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/log.h"
#include "shared/ns.h"

int
office_start(struct runtime *runtime, const void *settings, void **ctx_r,
	     struct error *err)
{
	struct offline *offline = calloc(1, sizeof(*offline));

	(void)err;
	ensure(offline != NULL);
	offline->runtime = runtime;
	offline->settings = settings;
	offline_add_metrics(offline);
	offline->shelf = shelf_new(runtime->store);
	offline->expiry = expiry_new(offline);
	*ctx_r = offline;
	return 0;
}

void
office_reload(void *ctx, const void *settings)
{
	struct offline *offline = ctx;

	offline->settings = settings;
	expiry_start(offline->expiry);
}

void
office_stop(void *ctx)
{
	struct offline *offline = ctx;

	offline_begin(offline);
	offline->stopping = true;
	delivery_stop_all(offline);
	show_stop_all(offline);
	offline_end(offline);
}

void
office_free(void *ctx)
{
	struct offline *offline = ctx;

	expiry_free(&offline->expiry);
	resource_end_all(offline);
	mailbox_free_all(offline);
	shelf_free(&offline->shelf);
	free(offline);
}

/* Longer than show.c waits for a session. */
#define ANSWER_SECS 120

/* The rest works without it. */
static void
on_delegated(void *ctx, const struct error *err, const struct stanza *answer)
{
	(void)ctx;
	(void)answer;
	if (err != NULL)
		log_warning("offline: the router does not have requests for "
			    "offline messages answered here: %s",
			    error_reason(err));
}

/* XEP-0013 section 2.1, XEP-0160 section 4: the server says so, not we. */
static void
delegate(struct offline *offline, const struct hook_host *host)
{
	static const struct hook_delegate delegates[] = {
		{ .ns = NS_OFFLINE, .host = true, .secs = ANSWER_SECS },
		{ .node = NS_OFFLINE },
		{ .ns = "msgoffline", .host = true },
	};

	for (size_t i = 0; i < sizeof(delegates) / sizeof(delegates[0]); i++)
		hook_delegate(offline->runtime, host, &delegates[i],
			      (struct hook_done){ on_delegated, NULL });
}

void
office_on_host(void *ctx, const struct hook_host *host)
{
	struct offline *offline = ctx;

	if (host->up)
		resource_forget_host(offline, host->domain, host->anew);
	if (host->up && host->hooks & HOOK_DELEGATE)
		delegate(offline, host);
}
