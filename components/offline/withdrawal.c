#include "components/offline/withdrawal.h"

#include <string.h>

#include "components/offline/custody.h"
#include "components/offline/delivery.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"

/* One message, while it is removed; in its own arena. */
struct withdrawal {
	struct arena *arena;
	struct offline *offline;
	const char *host, *jid, *id;
};

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct withdrawal *withdrawal = ctx;
	struct offline *offline = withdrawal->offline;
	struct arena *arena = withdrawal->arena;
	const struct hook_host *host = hook_find(offline->runtime->hook,
						 withdrawal->host);
	const struct mailbox *mailbox = mailbox_find(offline, withdrawal->jid);

	mailbox_take_removed(offline, withdrawal->jid, result, err);
	if (err == NULL && store_rows(result) > 0) {
		offline_count(offline, OFFLINE_WITHDRAWN, 1);
		log_info("offline: %s for %s was stored too late: the router "
			 "has it", withdrawal->id, withdrawal->jid);
	}
	/* While it is here, the shim has to take it for handed over. */
	if (err == NULL && host != NULL &&
	    (mailbox == NULL || !delivery_holds(mailbox, withdrawal->id)))
		hook_forget(offline->runtime, host, withdrawal->jid,
			    &withdrawal->id, 1);
	offline_end(offline);
	arena_free(&arena);
}

static void
withdraw(struct offline *offline, const struct jid *user, const char *id)
{
	struct arena *arena = arena_new();
	struct withdrawal *withdrawal = arena_alloc(arena,
						    sizeof(*withdrawal));

	withdrawal->arena = arena;
	withdrawal->offline = offline;
	withdrawal->host = arena_strdup(arena, user->domain);
	withdrawal->jid = arena_strdup(arena, user->bare);
	withdrawal->id = arena_strdup(arena, id);
	offline_begin(offline);
	shelf_withdraw(offline->shelf, withdrawal->jid,
		       withdrawal->id, on_removed, withdrawal);
}

int
withdrawal_on_withdraw(struct hook_event *event, void *ctx,
		       struct error *err)
{
	struct arena *arena = event->req->arena;
	struct mailbox *mailbox = mailbox_find(ctx, event->who->bare);
	const char *at = event->ids, *id;

	(void)err;
	for (at += strspn(at, " \n"); *at != '\0'; at += strspn(at, " \n")) {
		id = arena_dup(arena, at, strcspn(at, " \n"));
		at += strlen(id);
		if (mailbox != NULL && custody_give_up(mailbox, id))
			hook_forget(event->req->runtime, event->host,
				    mailbox->jid, &id, 1);
		else
			withdraw(ctx, event->who, id);
	}
	return 0;
}
