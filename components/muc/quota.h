/*
 * quota.h - how often one person may do something, whatever the room, the
 * client and the nick: who leaves and comes again finds what was left.
 *
 * The buckets are those of bare addresses.  One that is full is forgotten, and
 * of very many the oldest: memory is bounded, and who is forgotten may do a
 * little more.
 */
#ifndef MUC_QUOTA_H
#define MUC_QUOTA_H

#include <stddef.h>
#include <stdint.h>

#include "components/muc/limit.h"

struct error;
struct memo;
struct muc;

enum quota_kind {
	QUOTA_ENTER,
	QUOTA_MESSAGE,
	QUOTA_REQUEST,		/* by which outsiders reach people */
	QUOTA_NOTICE,		/* word of affiliations to people elsewhere:
				   ten times what QUOTA_REQUEST allows */
	QUOTA_LIST,		/* long answers, as much as one may say */
	QUOTA_PAGE,		/* of archives: ten times that */
	QUOTA_KINDS,
};

/* How much of a long answer counts as one. */
#define QUOTA_LIST_BYTES 16384
#define QUOTA_HISTORY_BYTES 65536

#define QUOTA_MAX 65536

struct quotas {
	struct memo *all;	/* by bare address */
};

/* Returns 0, or -1 with ERROR_RESOURCE_CONSTRAINT of type wait when the
   person has done too much of it (RFC 6120 section 8.3.3.18). */
int quota_take(struct muc *muc, const char *bare, enum quota_kind kind,
	       struct error *err);

/* The same for an answer of that many bytes, before it is sent.  Short ones
   are free; a long one is given to whoever has anything left. */
int quota_take_list(struct muc *muc, const char *bare, size_t bytes,
		    struct error *err);

/* Counts an entering that brought that much history as several. */
void quota_charge_history(struct muc *muc, const char *bare, size_t bytes);

/* Forgets those who may do all again. */
void quotas_expire(struct quotas *quotas, uint64_t now_ms);
void quotas_fini(struct quotas *quotas);

#endif
