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
   them hear of it; but a request can name thousands of strangers.  One who
   reads a whole archive asks for hundreds of pages, each when he has the one
   before. */
static unsigned
times_ten(unsigned n)
{
	return n > UINT_MAX / 10 ? UINT_MAX : n * 10;
}

struct rate {
	unsigned count, secs, burst;
	const char *text;
};

static struct rate
rate_of(const struct muc_settings *settings, enum quota_kind kind)
{
	const struct rate rates[QUOTA_KINDS] = {
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
		[QUOTA_LIST] = { settings->message_rate, 1,
				 settings->message_burst,
				 "too many long lists" },
		[QUOTA_PAGE] = { times_ten(settings->message_rate), 1,
				 times_ten(settings->message_burst),
				 "too many pages of archives" },
	};

	return rates[kind];
}

int
quota_take(struct muc *muc, const char *bare, enum quota_kind kind,
	   struct error *err)
{
	struct rate rate = rate_of(muc->settings, kind);

	if (rate.count == 0 ||
	    limit_take_in(&find(&muc->quotas, bare)->limits[kind], rate.count,
			  rate.secs, rate.burst, uv_now(muc->runtime->loop)))
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "%s", rate.text);
}

/* What goes to one passes through the router like all else, which reads the
   longest of lists no faster than a few a second. */
int
quota_take_list(struct muc *muc, const char *bare, size_t bytes,
		struct error *err)
{
	struct rate rate = rate_of(muc->settings, QUOTA_LIST);
	unsigned count = (unsigned)(bytes / QUOTA_LIST_BYTES);

	if (rate.count == 0 || count == 0)
		return 0;
	if (quota_take(muc, bare, QUOTA_LIST, err) < 0)
		return -1;
	limit_charge(&find(&muc->quotas, bare)->limits[QUOTA_LIST], count - 1,
		     rate.count, rate.secs);
	return 0;
}

void
quota_charge_history(struct muc *muc, const char *bare, size_t bytes)
{
	struct rate rate = rate_of(muc->settings, QUOTA_ENTER);
	unsigned count = (unsigned)(bytes / QUOTA_HISTORY_BYTES);

	if (rate.count != 0 && count != 0)
		limit_charge(&find(&muc->quotas, bare)->limits[QUOTA_ENTER],
			     count, rate.count, rate.secs);
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
