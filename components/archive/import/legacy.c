#include "components/archive/import/legacy.h"

#include <jansson.h>
#include <stdlib.h>

#include "components/archive/archive.h"
#include "components/archive/import/relic.h"
#include "shared/archive_import.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"

/* The one that is under way. */
struct legacy {
	struct archive *archive;
	struct relic_scope scope;
};

static int
read_record(void *ctx, struct arena *arena, const struct spool_record *record,
	    struct archive_shelving_item *item_r, struct error *err)
{
	const struct legacy *legacy = ctx;

	return relic_read(arena, record, &legacy->scope, item_r, err);
}

/* The entry before it says what was asked. */
static void
report(void *ctx, struct call *call, const struct takeover_tally *tally)
{
	json_t *json;
	char *detail;

	(void)ctx;
	if (call_bool(call, "dry-run"))
		return;
	json = json_pack("{s:I, s:I, s:I, s:I, s:b}",
			 "read", (json_int_t)tally->read,
			 "taken", (json_int_t)tally->taken,
			 "taken_before", (json_int_t)tally->known,
			 "skipped", (json_int_t)tally->skipped,
			 "whole", tally->whole);
	ensure(json != NULL);
	detail = json_dumps(json, JSON_COMPACT);
	ensure(detail != NULL);
	audit_report(call->runtime->store, &(struct audit_event){
			     call->who, "imported", detail });
	free(detail);
	json_decref(json);
}

static void
end(void *ctx)
{
	struct legacy *legacy = ctx;

	legacy->archive->legacy = NULL;
}

/* Those that the router has for us. */
static const char *const *
list_hosts(const struct call *call)
{
	const struct hook *hook = call->runtime->hook;
	const char **hosts;
	size_t count = 0;

	while (hook_host_named(hook, count) != NULL)
		count++;
	hosts = arena_alloc(call->arena, (count + 1) * sizeof(*hosts));
	for (size_t i = 0; i < count; i++)
		hosts[i] = hook_host_named(hook, i);
	return hosts;
}

static int
read_scope(const struct call *call, struct relic_scope *scope,
	   struct error *err)
{
	scope->hosts = list_hosts(call);
	scope->now = clock_now();
	return takeover_scope(call, &scope->from, &scope->host, err) < 0 ?
	       -1 : period_read(call, &scope->period, err);
}

int
legacy_run(struct call *call, void *ctx, struct error *err)
{
	struct archive *archive = ctx;
	struct legacy *legacy = arena_alloc(call->arena, sizeof(*legacy));
	const struct archive_import_plan plan = {
		.content = SPOOL_ARCHIVE, .dry = call_bool(call, "dry-run"),
		.read = read_record, .report = report, .free = end,
		.ctx = legacy,
	};

	if (archive->legacy != NULL)
		return error_set(err, ERROR_CONFLICT,
				 "another import is under way");
	legacy->archive = archive;
	if (read_scope(call, &legacy->scope, err) < 0)
		return -1;
	archive->legacy = legacy;
	if (archive_import_new(call, &plan, err) < 0)
		return -1;
	audit_call(call, takeover_begin);
	return CALL_PARKED;
}
