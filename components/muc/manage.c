#include <string.h>

#include "components/muc/commands.h"
#include "components/muc/configure.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "components/muc/target.h"
#include "components/muc/witness.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"

/* On the control socket it is the service itself. */
static const char *
by_of(const struct call *call)
{
	return call->by == NULL ? NULL : call->by->bare;
}

static int
set_one(struct call *call, struct options *options, const char *line,
	struct error *err)
{
	const char *equals = strchr(line, '=');

	if (equals == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s is not NAME=VALUE", line);
	return options_set(options,
			   arena_dup(call->arena, line,
				     (size_t)(equals - line)),
			   equals + 1, err);
}

/* Sets what the command gives. */
static int
set_options(struct call *call, struct options *options, struct error *err)
{
	const char *const *line = call_list(call, "options");

	for (; *line != NULL; line++)
		if (set_one(call, options, *line, err) < 0)
			return -1;
	return options_check(options, err);
}

/* Those of a room, and whether anybody is in it. */
static int
read_options(struct call *call, struct options *options, bool occupied,
	     struct error *err)
{
	if (set_options(call, options, err) < 0)
		return -1;
	if (!options->persistentroom && !occupied)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "a room that nobody is in must be "
				 "persistent");
	return 0;
}

static int
create(struct call *call, const struct jid *jid, struct error *err)
{
	const struct jid *owner = call_jid(call, "owner");
	struct muc *muc = call->ctx;
	struct options options;
	struct room *room;

	if (owner == NULL)
		owner = call->by;
	options_copy(&options, &muc->defaults);
	options.persistentroom = true;
	if (read_options(call, &options, false, err) < 0) {
		options_fini(&options);
		return -1;
	}
	room = room_new(muc, jid->bare, ROOM_OPEN);
	options_fini(&room->options);
	room->options = options;
	affiliation_set(&room->affiliates, owner->bare, AFFILIATION_OWNER,
			NULL);
	roomstore_save(room);
	witness_created(room, owner->bare);
	call_say(call, "%s was created, owned by %s.", room->jid,
		 owner->bare);
	return 0;
}

int
muc_command_create(struct call *call, void *ctx, struct error *err)
{
	const struct jid *owner = call_jid(call, "owner");

	(void)ctx;
	if (owner == NULL && call->by == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "owner is missing");
	return target_find_free(call, create, err);
}

static int
configure(struct call *call, struct room *room, struct error *err)
{
	struct configure change;
	struct options options;

	options_copy(&options, &room->options);
	if (read_options(call, &options, room->sessions != NULL, err) < 0) {
		options_fini(&options);
		return -1;
	}
	call_say(call, "%s was configured.", room->jid);
	configure_begin(&change, room, &options);
	witness_configured(room, by_of(call), &change.was);
	configure_end(&change, call->arena);
	return 0;
}

int
muc_command_configure(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, configure, err);
}

static int
destroy(struct call *call, struct room *room, struct error *err)
{
	const struct jid *venue = call_jid(call, "venue");

	(void)err;
	call_say(call, "%s was destroyed.", room->jid);
	witness_destroyed(room, by_of(call), call_text(call, "reason"));
	room_destroy(&room, call->arena, venue != NULL ? venue->bare : NULL,
		     NULL, call_text(call, "reason"));
	return 0;
}

int
muc_command_destroy(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, destroy, err);
}
