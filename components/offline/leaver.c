#include "components/offline/leaver.h"

#include <inttypes.h>

#include "components/offline/custody.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"

/* In its own arena. */
struct leaver {
	struct arena *arena;
	struct offline *offline;
	const char *jid, *host, *epoch;
	uint64_t seq;
};

/* With another epoch seq is that of another. */
static void
acknowledge(const struct leaver *leaver)
{
	struct runtime *runtime = leaver->offline->runtime;
	const struct hook_host *host = hook_find(runtime->hook, leaver->host);

	if (host != NULL && str_same(host->epoch, leaver->epoch))
		hook_ack(runtime, host, leaver->seq);
}

/* Without an ack it is told again. */
static void
on_left(void *ctx, const struct store_result *result, const struct error *err)
{
	struct leaver *leaver = ctx;
	struct offline *offline = leaver->offline;
	struct arena *arena = leaver->arena;

	mailbox_take_removed(offline, leaver->jid, result, err);
	if (err == NULL) {
		offline_count(offline, OFFLINE_REMOVED, store_rows(result));
		acknowledge(leaver);
	} else {
		log_error("offline: the messages of %s, whose account was "
			  "removed, are still there: %s", leaver->jid,
			  error_reason(err));
	}
	offline_end(offline);
	arena_free(&arena);
}

static void
leave(struct offline *offline, const struct hook_event *event)
{
	struct mailbox *mailbox = mailbox_find(offline, event->who->bare);
	struct arena *arena = arena_new();
	struct leaver *leaver = arena_alloc(arena, sizeof(*leaver));

	*leaver = (struct leaver){
		.arena = arena, .offline = offline, .seq = event->seq,
		.jid = arena_strdup(arena, event->who->bare),
		.host = arena_strdup(arena, event->host->domain),
		.epoch = arena_strdup(arena, event->host->epoch),
	};
	if (mailbox != NULL)
		custody_discard(mailbox);
	offline_begin(offline);
	shelf_close(offline->shelf, leaver->jid,
		    *event->id != '\0' ? event->id :
		    arena_printf(arena, "%s %" PRIu64, leaver->epoch,
				 leaver->seq), clock_now(), on_left, leaver);
}

int
leaver_on_tap(struct hook_event *event, void *ctx, struct error *err)
{
	(void)err;
	if (event->dir == HOOK_DIR_REMOVED && !event->unclear)
		leave(ctx, event);
	else
		hook_ack(event->req->runtime, event->host, event->seq);
	return 0;
}
