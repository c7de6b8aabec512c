#include "components/archive/archive.h"
#include "components/archive/commands.h"
#include "components/archive/intake/removals.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/query.h"
#include "shared/str.h"

static void
on_put(void *ctx, const struct error *err)
{
	struct call *call = ctx;
	const struct archive *archive = call->ctx;

	/* It has left. */
	if (archive->runtime == NULL)
		return;
	if (err == NULL)
		call_say(call, "The archive of %s begins anew.",
			 call_jid(call, "user")->bare);
	call_end(call, err);
}

static void
run(struct call *call)
{
	struct archive *archive = call->ctx;
	const char *user = call_jid(call, "user")->bare;
	char uid[QUERY_ID_SIZE];
	struct str text = { 0 };
	struct error err;

	if (archive->journal == NULL) {
		error_set(&err, ERROR_RESOURCE_CONSTRAINT,
			  "the archive is stopping");
		call_end(call, &err);
		return;
	}
	query_make_id(uid);
	removals_print(archive, user, uid, &text);
	journal_put(archive->journal, text.data, on_put, call);
	removals_add(archive->removals, user);
	str_fini(&text);
}

int
closing_run(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	audit_call(call, run);
	return CALL_PARKED;
}
