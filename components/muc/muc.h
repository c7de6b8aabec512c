/*
 * muc.h - the service: its settings and its rooms.
 */
#ifndef MUC_MUC_H
#define MUC_MUC_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "components/muc/invitation.h"
#include "components/muc/listing.h"
#include "components/muc/loading.h"
#include "components/muc/options.h"
#include "components/muc/quota.h"
#include "components/muc/roomstore.h"
#include "shared/component.h"

struct call;
struct fanout;
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
	unsigned history;
	unsigned max_occupants;
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
	struct roomstore roomstore;
	struct restore *restore;
	struct room *rooms;		/* those in memory, by address */
	struct loading loading;
	struct listing listing;
	struct invitations invitations;
	struct quotas quotas;
	size_t relayed_bytes;		/* of IQs that wait for an answer */
	uv_timer_t sweep;		/* unloads the idle ones */
	struct metric *messages, *deliveries;
};

int muc_check(const void *settings, const char **which_r, struct error *err);
int muc_start(struct runtime *runtime, const void *settings, void **ctx_r,
	      struct error *err);
void muc_reload(void *ctx, const void *settings);
/* Tells all occupants that the service shuts down: 332 (section 11.2). */
void muc_stop(void *ctx);
void muc_free(void *ctx);

/* Adds to the status command how many rooms there are in memory. */
void muc_status(void *ctx, struct call *call);

/* Looks for those who went while the link was down. */
void muc_link(void *ctx, bool up);

/* An administrator of the service. */
bool muc_is_admin(const struct muc *muc, const struct jid *jid);
/* Whether the setting create allows it (section 10.1.1). */
bool muc_may_create(const struct muc *muc, const struct jid *jid);

#endif
