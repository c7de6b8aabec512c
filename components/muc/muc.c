#include "components/muc/muc.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/ghost.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/restore.h"
#include "components/muc/room.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/jid.h"
#include "shared/metric.h"
#include "shared/section.h"
#include "shared/status.h"

#define SWEEP_MS 5000

const struct setting muc_settings_table[] = {
	COMPONENT_SETTINGS(muc_settings, "Chatrooms"),
	SETTING(LIST, muc_settings, create, "local",
		"Who may create rooms: everyone, local, admins, addresses, "
		"domains."),
	SETTING(LIST, muc_settings, local, "",
		"The domains of local users; when empty, the service's own "
		"domain without its first label."),
	SETTING(LIST, muc_settings, defaults, "",
		"Options of a new room, as \"membersonly=1\"."),
	SETTING(BOOL, muc_settings, lock_new_rooms, "yes",
		"Keep others out of a new room until its owner has configured "
		"it."),
	SETTING(BOOL, muc_settings, lock_nicks, "no",
		"Give everyone who has registered a nick that nick."),
	SETTING(UINT, muc_settings, history, "100",
		"Most messages kept for those who enter a room."),
	SETTING(UINT, muc_settings, max_occupants, "1000",
		"Most people in any room; its owners and admins are let in "
		"beyond."),
	SETTING(UINT, muc_settings, max_affiliations, "10000",
		"Most people affiliated with one room."),
	SETTING(BYTES, muc_settings, max_message, "64K",
		"The largest message."),
	SETTING(BYTES, muc_settings, max_presence, "16K",
		"The largest presence."),
	SETTING(UINT, muc_settings, enter_rate, "5",
		"How many rooms a second one person may enter; 0 is no "
		"limit."),
	SETTING(UINT, muc_settings, enter_burst, "200",
		"Rooms entered at once before that limit counts."),
	SETTING(UINT, muc_settings, message_rate, "10",
		"Messages a second from one person, to all rooms; 0 is no "
		"limit."),
	SETTING(UINT, muc_settings, message_burst, "50",
		"Messages sent at once before that limit counts."),
	SETTING(UINT, muc_settings, presence_rate, "2",
		"Changes of presence a second from one occupant; 0 is no "
		"limit."),
	SETTING(UINT, muc_settings, presence_burst, "20",
		"Changes made at once before that limit counts."),
	SETTING(UINT, muc_settings, request_rate, "6",
		"Registrations and declined invitations a minute from one "
		"person, and a tenth of the changes of affiliation of which "
		"people outside a room are told; 0 is no limit."),
	SETTING(UINT, muc_settings, request_burst, "20",
		"Requests made at once before that limit counts."),
	SETTING(SECS, muc_settings, room_idle, "5m",
		"How long an empty persistent room stays in memory."),
	{ .name = NULL }
};

static int
set_default(struct options *options, const char *row, struct error *err)
{
	const char *equals = strchr(row, '=');
	char *name;
	int ret;

	if (equals == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "\"%s\" is not NAME=VALUE", row);
	name = strndup(row, (size_t)(equals - row));
	ensure(name != NULL);
	ret = options_set(options, name, equals + 1, err);
	free(name);
	return ret;
}

static int
read_defaults(const struct muc_settings *settings, struct options *options_r,
	      struct error *err)
{
	options_init(options_r);
	for (size_t i = 0; settings->defaults[i] != NULL; i++) {
		if (set_default(options_r, settings->defaults[i], err) < 0) {
			options_fini(options_r);
			return -1;
		}
	}
	if (options_check(options_r, err) < 0) {
		options_fini(options_r);
		return -1;
	}
	return 0;
}

static bool
list_has(const char *const *list, const char *word)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* Besides words, who may create rooms is named as in muc_may_create(). */
static int
check_creators(const char *const *create, struct error *err)
{
	static const char *const words[] = {
		"everyone", "local", "admins", NULL
	};

	for (; *create != NULL; create++)
		if (!list_has(words, *create) &&
		    section_check_address(*create, false, err) < 0)
			return -1;
	return 0;
}

int
muc_check(const void *settings_, const char **which_r, struct error *err)
{
	const struct muc_settings *settings = settings_;
	struct options defaults;

	*which_r = "create";
	if (check_creators(settings->create, err) < 0)
		return -1;
	*which_r = "local";
	for (size_t i = 0; settings->local[i] != NULL; i++)
		if (section_check_address(settings->local[i], true, err) < 0)
			return -1;
	*which_r = "defaults";
	if (read_defaults(settings, &defaults, err) < 0)
		return -1;
	options_fini(&defaults);
	return 0;
}

/* Unloads the rooms nobody has been in for a while, and forgets who has done
   nothing lately. */
static void
on_sweep(uv_timer_t *timer)
{
	struct muc *muc = timer->data;
	uint64_t idle_ms = muc->settings->room_idle * UINT64_C(1000);
	struct room *room, *next;

	HASH_ITER(hh, muc->rooms, room, next) {
		if (room->state == ROOM_OPEN && room->sessions == NULL &&
		    roomstore_is_saved(room) &&
		    uv_now(timer->loop) - room->idle_ms >= idle_ms)
			room_free(&room);
	}
	invitations_expire(&muc->invitations, uv_now(timer->loop));
	quotas_expire(&muc->quotas, uv_now(timer->loop));
}

static double
count_rooms(void *ctx)
{
	const struct muc *muc = ctx;

	return HASH_COUNT(muc->rooms);
}

static double
count_occupants(void *ctx)
{
	const struct muc *muc = ctx;
	double n = 0;

	for (const struct room *room = muc->rooms; room; room = room->hh.next)
		n += HASH_COUNT(room->occupants);
	return n;
}

static void
add_metrics(struct muc *muc)
{
	struct metrics *metrics = muc->runtime->metrics;

	metric_gauge_fn(metrics, "annex_muc_rooms", "", "Rooms in memory.",
			count_rooms, muc);
	metric_gauge_fn(metrics, "annex_muc_occupants", "",
			"Occupants of all rooms.", count_occupants, muc);
	muc->messages = metric_counter(metrics, "annex_muc_messages_total",
				       "", "Messages sent to rooms.");
	muc->deliveries = metric_counter(metrics,
					 "annex_muc_deliveries_total", "",
					 "Copies of them sent to occupants.");
}

int
muc_start(struct runtime *runtime, const void *settings, void **ctx_r,
	  struct error *err)
{
	struct muc *muc = calloc(1, sizeof(*muc));

	ensure(muc != NULL);
	muc->runtime = runtime;
	muc->settings = settings;
	ensure(read_defaults(settings, &muc->defaults, err) == 0);
	roomstore_init(&muc->roomstore, muc);
	muc->fanout = fanout_new(runtime);
	muc->restore = restore_new(muc);
	add_metrics(muc);
	uv_timer_init(runtime->loop, &muc->sweep);
	muc->sweep.data = muc;
	uv_timer_start(&muc->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	*ctx_r = muc;
	return 0;
}

void
muc_reload(void *ctx, const void *settings)
{
	struct muc *muc = ctx;
	struct error err;

	muc->settings = settings;
	options_fini(&muc->defaults);
	ensure(read_defaults(settings, &muc->defaults, &err) == 0);
}

/* Section 11.2. */
static void
shut_down(struct room *room)
{
	for (struct session *at = room->sessions; at; at = at->hh.next) {
		struct notice notice = notice_going(at->occupant);

		notice_add_code(notice.codes, STATUS_SHUTDOWN);
		presence_send(at, &notice, at);
	}
}

void
muc_stop(void *ctx)
{
	struct muc *muc = ctx;
	struct room *room, *next;

	uv_timer_stop(&muc->sweep);
	roomstore_stop(&muc->roomstore);
	HASH_ITER(hh, muc->rooms, room, next) {
		if (room->state == ROOM_LOADING)
			continue;
		shut_down(room);
		room_free(&room);
	}
	component_stopped(muc->runtime);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
muc_free(void *ctx)
{
	struct muc *muc = ctx;
	struct room *room, *next;

	/* Those that were still being loaded. */
	HASH_ITER(hh, muc->rooms, room, next)
		room_free(&room);
	listing_fini(&muc->listing);
	restore_free(&muc->restore);
	fanout_free(&muc->fanout);
	roomstore_fini(&muc->roomstore);
	invitations_fini(&muc->invitations);
	quotas_fini(&muc->quotas);
	options_fini(&muc->defaults);
	uv_close((uv_handle_t *)&muc->sweep, on_closed);
}

void
muc_status(void *ctx, struct call *call)
{
	const struct muc *muc = ctx;

	status_add(call, "rooms in memory", "%u", HASH_COUNT(muc->rooms));
	status_add(call, "occupants", "%.0f", count_occupants(ctx));
	status_add(call, "rooms to be written", "%zu",
		   muc->roomstore.unsaved_count);
}

void
muc_link(void *ctx, bool up)
{
	if (up)
		ghost_probe_all(ctx);
}

bool
muc_is_admin(const struct muc *muc, const struct jid *jid)
{
	return list_has(muc->settings->component.admins, jid->bare);
}

static bool
is_local(const struct muc *muc, const char *domain)
{
	const char *dot = strchr(muc->runtime->domain, '.');

	if (*muc->settings->local != NULL)
		return list_has(muc->settings->local, domain);
	return dot != NULL && strcmp(dot + 1, domain) == 0;
}

bool
muc_may_create(const struct muc *muc, const struct jid *jid)
{
	const char *const *create = muc->settings->create;

	return muc_is_admin(muc, jid) || list_has(create, "everyone") ||
	       (list_has(create, "local") && is_local(muc, jid->domain)) ||
	       list_has(create, jid->bare) || list_has(create, jid->domain);
}
