#include "components/offline/commands.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/call.h"
#include "shared/jid.h"

static void
on_purged(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct call *call = ctx;
	const char *user = call_jid(call, "user")->bare;
	size_t rows = err == NULL ? store_rows(result) : 0;

	mailbox_take_removed(call->ctx, user, result, err);
	if (err == NULL) {
		offline_count(call->ctx, OFFLINE_REMOVED, rows);
		call_say(call, "Messages of %s removed: %zu.", user, rows);
	}
	call_end(call, err);
}

int
disposal_purge(struct call *call, void *ctx, struct error *err)
{
	const struct offline *offline = ctx;
	const struct jid *sender = call_jid(call, "sender");

	(void)err;
	shelf_purge(offline->shelf, call_jid(call, "user")->bare,
		    sender == NULL ? NULL : sender->bare,
		    call_text(call, "id"), on_purged, call);
	return CALL_PARKED;
}
