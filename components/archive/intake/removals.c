#include "components/archive/intake/removals.h"

#include <stdlib.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/intake/intake.h"
#include "shared/archive_event.h"
#include "shared/archive_outlet.h"
#include "shared/clock.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/str.h"

/* Before what could not be waited for is tried again. */
#define PAUSE_MS 500

struct removal {
	struct removal *prev, *next;
	struct removals *removals;
	char *owner;		/* NULL: anybody */
	struct drain_wait wait;
	bool waits;		/* it will be told */
};

struct removals {
	struct archive *archive;
	struct removal *all;
	uv_timer_t timer;	/* active while one does not wait */
};

void
removals_print(struct archive *archive, const char *owner, const char *uid,
	       struct str *out)
{
	int64_t now = clock_now();
	const struct archive_event event = {
		.mark = {
			.serial = serial_next(&archive->serial, now),
			.stamp = now, .uid = uid,
		},
		.kind = ARCHIVE_EVENT_REMOVAL, .sender = owner,
		.resource = "", .recipient = owner,
	};
	const struct archive_row row = archive_event_row(&event);

	archive_row_print(out, &row);
}

static void
end(struct removal *removal)
{
	drain_wait_end(&removal->wait);
	DL_DELETE(removal->removals->all, removal);
	free(removal->owner);
	free(removal);
}

static void
on_settled(void *ctx)
{
	end(ctx);
}

static void on_timer(uv_timer_t *timer);

/* What the journal does not take is not even there. */
static enum archive_outlet_settling
await_outlet(struct removal *removal)
{
	const struct archive *archive = removal->removals->archive;

	return intake_held(archive->intake) > 0 ? ARCHIVE_OUTLET_BEHIND :
	       archive_outlet_await(archive->outlet, &removal->wait);
}

static void
await(struct removal *removal)
{
	struct removals *removals = removal->removals;

	switch (await_outlet(removal)) {
	case ARCHIVE_OUTLET_SETTLED:
		end(removal);
		break;
	case ARCHIVE_OUTLET_AWAITED:
		removal->waits = true;
		break;
	case ARCHIVE_OUTLET_BEHIND:
		uv_timer_start(&removals->timer, on_timer, PAUSE_MS, 0);
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct removals *removals = timer->data;
	struct removal *removal, *next;

	DL_FOREACH_SAFE(removals->all, removal, next)
		if (!removal->waits)
			await(removal);
}

void
removals_add(struct removals *removals, const char *owner)
{
	struct removal *removal = calloc(1, sizeof(*removal));

	ensure(removal != NULL);
	removal->removals = removals;
	removal->owner = owner == NULL ? NULL : str_dup(owner);
	removal->wait.fn = on_settled;
	removal->wait.ctx = removal;
	DL_APPEND(removals->all, removal);
	await(removal);
}

struct removals *
removals_new(struct archive *archive)
{
	struct removals *removals = calloc(1, sizeof(*removals));

	ensure(removals != NULL);
	removals->archive = archive;
	uv_timer_init(archive->runtime->loop, &removals->timer);
	removals->timer.data = removals;
	removals_add(removals, NULL);
	return removals;
}

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
removals_free(struct removals **removals_p)
{
	struct removals *removals = *removals_p;
	struct removal *removal, *next;

	*removals_p = NULL;
	DL_FOREACH_SAFE(removals->all, removal, next)
		end(removal);
	uv_close((uv_handle_t *)&removals->timer, on_closed);
}

bool
removals_has(const struct removals *removals, const char *owner)
{
	const struct removal *removal;

	DL_FOREACH(removals->all, removal)
		if (removal->owner == NULL || str_same(removal->owner, owner))
			return true;
	return false;
}
