#include "components/muc/quota.h"

#include <limits.h>
#include <stdbool.h>

#include "components/muc/memo.h"
#include "components/muc/muc.h"
#include "shared/error.h"

struct quota {
	struct memo memo;
	struct limit limits[QUOTA_KINDS];
};

static struct quota *
find(struct quotas *quotas, const char *bare)
{
	struct quota *quota = memo_find(quotas->all, bare);

	return quota != NULL ? quota :
	       memo_add(&quotas->all, bare, sizeof(*quota), QUOTA_MAX);
}

/* One who runs a room may affiliate a good hundred people at once, and all of
   them hear of it; but a request can name thousands of strangers. */
static unsigned
times_ten(unsigned n)
{
	return n > UINT_MAX / 10 ? UINT_MAX : n * 10;
}

int
quota_take(struct muc *muc, const char *bare, enum quota_kind kind,
	   struct error *err)
{
	const struct muc_settings *settings = muc->settings;
	const struct {
		unsigned count, secs, burst;
		const char *text;
	} rates[QUOTA_KINDS] = {
		[QUOTA_ENTER] = { settings->enter_rate, 1,
				  settings->enter_burst,
				  "you enter too often" },
		[QUOTA_MESSAGE] = { settings->message_rate, 1,
				    settings->message_burst,
				    "too many messages" },
		[QUOTA_REQUEST] = { settings->request_rate, 60,
				    settings->request_burst,
				    "too many requests" },
		[QUOTA_NOTICE] = { times_ten(settings->request_rate), 60,
				   times_ten(settings->request_burst),
				   "too many notices" },
	}, *rate = &rates[kind];

	if (rate->count == 0 ||
	    limit_take_in(&find(&muc->quotas, bare)->limits[kind], rate->count,
			  rate->secs, rate->burst, uv_now(muc->runtime->loop)))
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "%s", rate->text);
}

static bool
is_full(const struct quota *quota, uint64_t now_ms)
{
	for (size_t i = 0; i < QUOTA_KINDS; i++)
		if (!limit_is_full(&quota->limits[i], now_ms))
			return false;
	return true;
}

void
quotas_expire(struct quotas *quotas, uint64_t now_ms)
{
	struct memo *memo, *next;

	HASH_ITER(hh, quotas->all, memo, next)
		if (is_full((const struct quota *)memo, now_ms))
			memo_drop(&quotas->all, memo);
}

void
quotas_fini(struct quotas *quotas)
{
	memo_clear(&quotas->all);
}
