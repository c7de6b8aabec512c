/*
 * review.h - what reviewers do with stanzas that are held.
 */
#ifndef ARCHIVE_REVIEW_H
#define ARCHIVE_REVIEW_H

#include <stdbool.h>

struct call;
struct error;
struct jid;

/* ctx is the archive: whether he may.  An administrator is no reviewer unless
   he is named as one. */
bool review_allows(void *ctx, const struct jid *who);

/* Commands: which there are, and whether one goes on or is gone for good.  Each
   goes into the audit log before anything is done or told. */
int review_held(struct call *call, void *ctx, struct error *err);
int review_release(struct call *call, void *ctx, struct error *err);
int review_reject(struct call *call, void *ctx, struct error *err);

#endif
