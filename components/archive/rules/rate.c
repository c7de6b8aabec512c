#include "components/archive/rules/rate.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "shared/clock.h"
#include "shared/error.h"
#include "shared/str.h"

struct entry {
	char *name;
	int64_t free_at;	/* when all that he did is forgotten */
	UT_hash_handle hh;
};

struct rate {
	struct entry *entries;	/* by name; in the order of their last use */
	int64_t period, share;	/* microseconds */
};

struct rate *
rate_new(unsigned count, unsigned secs)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	ensure(rate != NULL && count > 0);
	rate->period = (int64_t)secs * CLOCK_SECOND;
	rate->share = rate->period / count;
	/* What the division has lost is not to be one too many. */
	rate->period = rate->share * count;
	return rate;
}

static void
drop(struct rate *rate, struct entry *entry)
{
	HASH_DEL(rate->entries, entry);
	free(entry->name);
	free(entry);
}

void
rate_free(struct rate **rate_)
{
	struct rate *rate = *rate_;

	*rate_ = NULL;
	if (rate == NULL)
		return;
	while (rate->entries != NULL)
		drop(rate, rate->entries);
	free(rate);
}

static struct entry *
entry_of(struct rate *rate, const char *name)
{
	struct entry *entry;

	HASH_FIND_STR(rate->entries, name, entry);
	if (entry != NULL) {
		HASH_DEL(rate->entries, entry);
	} else {
		if (HASH_COUNT(rate->entries) >= RATE_NAMES_MAX)
			drop(rate, rate->entries);
		ensure((entry = calloc(1, sizeof(*entry))) != NULL);
		entry->name = str_dup(name);
	}
	HASH_ADD_KEYPTR(hh, rate->entries, entry->name, strlen(entry->name),
			entry);
	return entry;
}

bool
rate_exceeds(struct rate *rate, const char *name, int64_t now)
{
	struct entry *entry = entry_of(rate, name);

	if (entry->free_at < now)
		entry->free_at = now;
	/* The clock may have been set back. */
	if (entry->free_at > now + rate->period)
		entry->free_at = now + rate->period;
	if (entry->free_at + rate->share > now + rate->period)
		return true;
	entry->free_at += rate->share;
	return false;
}
