#include "components/offline/offline.h"

#include <stdlib.h>

#include "components/offline/delivery.h"
#include "components/offline/expiry.h"
#include "components/offline/mailbox.h"
#include "components/offline/session.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/store.h"

const struct setting offline_settings_table[] = {
	COMPONENT_SETTINGS(offline_settings, "Offline messages"),
	SETTING(UINT, offline_settings, user_messages, "1000",
		"Most messages kept for one user; 0 is no limit."),
	SETTING(UINT, offline_settings, sender_messages, "200",
		"Most of them from one sender; 0 is no limit."),
	SETTING_CHOICE(offline_settings, at_limit, "bounce", "bounce drop",
		"What happens to one more: its sender gets it back, or the "
		"oldest is dropped."),
	SETTING(SECS, offline_settings, expire, "0",
		"How long a message is kept, such as 90d; 0 is for ever."),
	{ .name = NULL }
};

static void
add_metrics(struct offline *offline)
{
	static const char *const outcomes[OFFLINE_COUNTS] = {
		[OFFLINE_STORED] = "outcome=\"stored\"",
		[OFFLINE_DELIVERED] = "outcome=\"delivered\"",
		[OFFLINE_REMOVED] = "outcome=\"removed\"",
		[OFFLINE_DISCARDED] = "outcome=\"discarded\"",
		[OFFLINE_BOUNCED] = "outcome=\"bounced\"",
		[OFFLINE_DROPPED] = "outcome=\"dropped\"",
		[OFFLINE_EXPIRED] = "outcome=\"expired\"",
		[OFFLINE_REFUSED] = "outcome=\"refused\"",
	};

	for (size_t i = 0; i < OFFLINE_COUNTS; i++)
		offline->counts[i] = metric_counter(
			offline->runtime->metrics,
			"annex_offline_messages_total", outcomes[i],
			"Messages, by what became of them.");
}

void
offline_count(struct offline *offline, enum offline_count what, size_t n)
{
	metric_add(offline->counts[what], n);
}

int
offline_start(struct runtime *runtime, const void *settings, void **ctx_r,
	      struct error *err)
{
	struct offline *offline;

	/* Custody is a promise that a process alone cannot keep. */
	if (!store_is_lasting(runtime->store))
		return error_set(err, ERROR_NOT_ALLOWED,
				 "store.url: \"none\" keeps no messages; a "
				 "database is needed");
	offline = calloc(1, sizeof(*offline));
	ensure(offline != NULL);
	offline->runtime = runtime;
	offline->settings = settings;
	add_metrics(offline);
	offline->expiry = expiry_new(offline);
	*ctx_r = offline;
	return 0;
}

void
offline_reload(void *ctx, const void *settings)
{
	struct offline *offline = ctx;

	offline->settings = settings;
}

void
offline_stop(void *ctx)
{
	struct offline *offline = ctx;

	offline->stopping = true;
	delivery_stop_all(offline);
	component_stopped(offline->runtime);
}

void
offline_free(void *ctx)
{
	struct offline *offline = ctx;

	expiry_free(&offline->expiry);
	session_end_all(offline);
	mailbox_free_all(offline);
	free(offline);
}

/* XEP-0013 section 2.1, XEP-0160 section 4: the server says so, not we. */
static void
delegate(struct offline *offline, const struct hook_host *host)
{
	static const struct hook_delegate delegates[] = {
		{ .ns = NS_OFFLINE, .host = true },
		{ .node = NS_OFFLINE },
		{ .ns = "msgoffline", .host = true },
	};

	for (size_t i = 0; i < sizeof(delegates) / sizeof(delegates[0]); i++)
		hook_delegate(offline->runtime, host, &delegates[i],
			      (struct hook_done){ NULL, NULL });
}

void
offline_on_host(void *ctx, const struct hook_host *host)
{
	struct offline *offline = ctx;

	if (host->up)
		session_forget_host(offline, host->domain, host->anew);
	if (host->up && host->hooks & HOOK_DELEGATE)
		delegate(offline, host);
}
