#include "components/offline/setback.h"

#include <stdlib.h>
#include <uv.h>

#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/suspect.h"
#include "shared/error.h"
#include "shared/hook_request.h"
#include "shared/log.h"
#include "shared/router.h"

void
setback_init(struct setback *setback, struct mailbox *mailbox, size_t max)
{
	*setback = (struct setback){
		.mailbox = mailbox, .most = max, .max = max,
		.backoff = { SETBACK_PAUSE_MS, SETBACK_LONGEST_MS, 0 },
	};
	if (mailbox->suspect == NULL)
		mailbox->suspect = calloc(1, sizeof(*mailbox->suspect));
	ensure(mailbox->suspect != NULL);
}

static void
set_failing(struct setback *setback, bool failing)
{
	struct offline *offline = setback->mailbox->offline;

	if (failing && !setback->failing)
		offline->failing++;
	else if (!failing && setback->failing)
		offline->failing--;
	setback->failing = failing;
}

void
setback_fini(struct setback *setback)
{
	struct mailbox *mailbox = setback->mailbox;

	set_failing(setback, false);
	if (suspect_rest(mailbox->suspect))
		return;
	free(mailbox->suspect);
	mailbox->suspect = NULL;
}

/* The shim failed over a single message. */
static enum setback_way
suspect_it(struct setback *setback, int64_t serial)
{
	switch (suspect_take_failure(setback->mailbox->suspect, serial,
				     setback->late)) {
	case SUSPECT_TO_BLAME:
		return SETBACK_PASS_OVER;
	case SUSPECT_LEFT_OUT:
		return SETBACK_LEAVE_OUT;
	default:
		return SETBACK_PAUSE;
	}
}

/* Whether it may be a message of those that were asked for.  What the end of
   the link left without an answer says nothing of them. */
static bool
is_vague(const struct setback *setback, const struct error *err)
{
	return router_is_up(setback->mailbox->offline->runtime->router) &&
	       (err->cond == ERROR_INTERNAL_SERVER_ERROR ||
		err->cond == ERROR_REMOTE_SERVER_TIMEOUT);
}

static void
begin_to_fail(struct setback *setback, const char *session,
	      const struct error *err)
{
	if (!setback->failing)
		log_warning("offline: messages for %s were not delivered: %s",
			    session, error_reason(err));
	set_failing(setback, true);
}

/* The less is asked for, the sooner the one is found, or there is room for all
   of it. */
static void
halve(struct setback *setback, size_t asked)
{
	if (asked > 1)
		setback->most = asked / 2;
}

enum setback_way
setback_judge(struct setback *setback, const struct setback_try *try,
	      const struct error *err)
{
	bool refused = hook_is_refusal(err);

	if (err->cond == ERROR_ITEM_NOT_FOUND)
		return SETBACK_NO_SESSION;
	if (!refused)
		begin_to_fail(setback, try->session, err);
	halve(setback, try->asked);
	if (!refused && !is_vague(setback, err))
		return SETBACK_PAUSE;
	if (try->asked > 1)
		return SETBACK_LESS;
	return refused ? SETBACK_PASS_OVER : suspect_it(setback, try->serial);
}

bool
setback_succeed(struct setback *setback, const char *session)
{
	if (setback->failing)
		log_info("offline: messages for %s are delivered again",
			 session);
	set_failing(setback, false);
	setback->late = false;
	backoff_reset(&setback->backoff);
	if (setback->most < setback->max)
		setback->most *= 2;
	return suspect_take_success(setback->mailbox->suspect);
}

static uint64_t
now_ms(const struct setback *setback)
{
	return uv_now(setback->mailbox->offline->runtime->loop);
}

unsigned
setback_same_ms(struct setback *setback)
{
	setback->failed_ms = now_ms(setback);
	return SETBACK_PAUSE_MS;
}

unsigned
setback_next_ms(struct setback *setback)
{
	setback->failed_ms = now_ms(setback);
	return backoff_next_ms(&setback->backoff);
}

void
setback_end_pause(struct setback *setback)
{
	setback->late = true;
}

uint64_t
setback_left_ms(struct setback *setback)
{
	uint64_t passed = now_ms(setback) - setback->failed_ms;

	backoff_reset(&setback->backoff);
	return passed < SETBACK_PAUSE_MS ? SETBACK_PAUSE_MS - passed : 0;
}
