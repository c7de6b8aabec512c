#include "components/muc/target.h"

#include <string.h>

#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"

struct target {
	struct call *call;
	const struct jid *jid;
	target_fn *fn;			/* of a room that is to be there */
	target_free_fn *free_fn;	/* or of one that is not */
};

int
target_read(struct call *call, const char *text, const struct jid **jid_r,
	    struct error *err)
{
	const char *domain = call->runtime->domain;
	const struct jid *jid;

	if (strchr(text, '@') == NULL)
		text = arena_printf(call->arena, "%s@%s", text, domain);
	if (jid_parsez(call->arena, text, &jid, err) < 0)
		return -1;
	if (strcmp(jid->domain, domain) != 0 || *jid->resource != '\0')
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "%s is not the address of a room of %s",
				 jid->full, domain);
	if (strlen(jid->bare) > ROOM_JID_BYTES)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "the room's address has more than %d bytes",
				 ROOM_JID_BYTES);
	*jid_r = jid;
	return 0;
}

static int
go_on(const struct target *target, struct error *err)
{
	struct call *call = target->call;
	struct room *room = room_find(call->ctx, target->jid->bare);

	if (target->free_fn != NULL)
		return room == NULL ?
		       target->free_fn(call, target->jid, err) :
		       error_set(err, ERROR_CONFLICT, "%s is there already",
				 room->jid);
	return room != NULL ? target->fn(call, room, err) :
	       error_set(err, ERROR_ITEM_NOT_FOUND, "there is no room %s",
			 target->jid->bare);
}

static void
on_loaded(void *ctx, const struct error *failure)
{
	const struct target *target = ctx;
	struct call *call = target->call;
	struct error err = { 0 };
	int ret;

	if (failure != NULL || call_is_cancelled(call)) {
		call_end(call, failure);
		return;
	}
	ret = go_on(target, &err);
	if (ret != CALL_PARKED)
		call_end(call, ret < 0 ? &err : NULL);
}

static int
find(struct call *call, struct target *target, struct error *err)
{
	target->call = call;
	if (target_read(call, call_text(call, "room"), &target->jid, err) < 0)
		return -1;
	loading_wait(call->ctx, target->jid->bare, on_loaded, target);
	return CALL_PARKED;
}

int
target_find(struct call *call, target_fn *fn, struct error *err)
{
	struct target *target = arena_alloc(call->arena, sizeof(*target));

	target->fn = fn;
	return find(call, target, err);
}

int
target_find_free(struct call *call, target_free_fn *fn, struct error *err)
{
	struct target *target = arena_alloc(call->arena, sizeof(*target));

	target->free_fn = fn;
	return find(call, target, err);
}
