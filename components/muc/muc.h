/*
 * muc.h - the service: its settings and its rooms.
 */
#ifndef MUC_MUC_H
#define MUC_MUC_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "components/muc/coverage.h"
#include "components/muc/door.h"
#include "components/muc/invitation.h"
#include "components/muc/listing.h"
#include "components/muc/loading.h"
#include "components/muc/options.h"
#include "components/muc/quota.h"
#include "components/muc/roomstore.h"
#include "shared/component.h"

struct archive_obituary;
struct chronicle;
struct erasure;
struct fanout;
struct groups;
struct lookback;
struct memo;
struct metric;
struct restore;
struct room;

struct muc_settings {
	struct component_settings component;
	const char *const *create;
	const char *const *local;
	const char *const *defaults;
	bool lock_new_rooms;
	bool lock_nicks;
	const char *archive;
	const char *journal;
	size_t journal_bytes;
	const char *const *archive_unwanted;
	bool log_first;
	const char *retract;
	const struct setting_titled *group;
	const struct setting_titled *events;
	unsigned history;
	unsigned max_occupants;
	unsigned max_clients;
	unsigned max_affiliations;
	size_t max_message;
	size_t max_presence;
	unsigned enter_rate, enter_burst;
	unsigned message_rate, message_burst;
	unsigned presence_rate, presence_burst;
	unsigned request_rate, request_burst;
	unsigned room_idle;
};

extern const struct setting muc_settings_table[];

struct muc {
	struct runtime *runtime;
	struct fanout *fanout;
	const struct muc_settings *settings;
	struct options defaults;	/* of a new room */
	struct groups *groups;
	struct roomstore roomstore;
	enum coverage coverage;		/* as it was at the start */
	struct chronicle *chronicle;	/* NULL: nothing is archived */
	struct archive_obituary *obituary;	/* NULL: likewise */
	struct lookback *lookbacks;	/* under way */
	struct erasure *erasures;	/* likewise */
	struct handover *handover;	/* likewise; or NULL */
	struct memo *faulty;		/* rooms of whose rows that make no
					   sense was told: roomload.c's */
	struct restore *restore;
	struct room *rooms;		/* those in memory, by address */
	struct loading loading;
	struct door door;
	struct listing listing;
	struct invitations invitations;
	struct quotas quotas;
	size_t relayed_bytes;		/* of IQs that wait for an answer */
	uv_timer_t sweep;		/* unloads the idle ones */
	struct metric *messages, *deliveries;
};

int muc_check(const void *settings, const char **which_r, struct error *err);
/* Takes settings that were checked; those from before may be none. */
void muc_reload(void *ctx, const void *settings);

/* An administrator of the service. */
bool muc_is_admin(const struct muc *muc, const struct jid *jid);
/* Whether the setting create allows it (section 10.1.1). */
bool muc_may_create(const struct muc *muc, const struct jid *jid);

#endif
