#include "components/offline/expiry.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <uv.h>

#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"

/* Between two looks at most, and messages looked at in one. */
#define LOOK_SECS 60
#define LOOK_MAX 1000

struct expiry {
	struct offline *offline;	/* NULL once freed */
	uv_timer_t timer;
	bool busy;			/* the database has been asked */
};

static void
free_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
destroy(struct expiry *expiry)
{
	uv_close((uv_handle_t *)&expiry->timer, free_closed);
}

static void
take_note(struct offline *offline, const struct store_result *result)
{
	struct shelf_removed removed;
	size_t rows = store_rows(result);

	for (size_t i = 0; i < rows; i++) {
		shelf_get_removed(result, i, &removed);
		log_info("offline: %s did not come: expired %s from %s",
			 removed.jid, removed.id, removed.sender);
	}
	offline_count(offline, OFFLINE_EXPIRED, rows);
}

static void look(struct expiry *expiry);

static void
on_expired(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct expiry *expiry = ctx;

	expiry->busy = false;
	if (expiry->offline == NULL) {
		destroy(expiry);
		return;
	}
	mailbox_take_removed(expiry->offline, NULL, result, err);
	if (err != NULL)
		return;
	take_note(expiry->offline, result);
	if (store_rows(result) == LOOK_MAX)
		look(expiry);
}

static void
look(struct expiry *expiry)
{
	const struct offline *offline = expiry->offline;
	unsigned secs = offline->settings->expire;

	if (secs == 0 || expiry->busy || offline->stopping)
		return;
	expiry->busy = true;
	shelf_expire(offline->shelf,
		     clock_now() - (int64_t)secs * CLOCK_SECOND, LOOK_MAX,
		     on_expired, expiry);
}

static void
on_timer(uv_timer_t *timer)
{
	look(timer->data);
}

void
expiry_start(struct expiry *expiry)
{
	uint64_t secs = expiry->offline->settings->expire;

	if (secs > LOOK_SECS)
		secs = LOOK_SECS;
	if (secs == 0)
		uv_timer_stop(&expiry->timer);
	else
		uv_timer_start(&expiry->timer, on_timer, 0, secs * 1000);
}

struct expiry *
expiry_new(struct offline *offline)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	ensure(expiry != NULL);
	expiry->offline = offline;
	uv_timer_init(offline->runtime->loop, &expiry->timer);
	expiry->timer.data = expiry;
	expiry_start(expiry);
	return expiry;
}

void
expiry_free(struct expiry **expiry_)
{
	struct expiry *expiry = *expiry_;

	*expiry_ = NULL;
	expiry->offline = NULL;
	uv_timer_stop(&expiry->timer);
	if (!expiry->busy)
		destroy(expiry);
}
