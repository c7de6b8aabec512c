/*
 * drain_trial.h - which entries of a batch are at fault, and whether any are,
 * when the database has refused it.
 *
 * Each is tried alone.  As the database may refuse everything, as it does when
 * its disk is full, it is asked before and after that whether it stores
 * anything at all (archive_write_probe()).  It may have been out of order in
 * between, so what was refused is tried once more, and asked again.
 */
#ifndef SHARED_DRAIN_TRIAL_H
#define SHARED_DRAIN_TRIAL_H

struct archive_write;
struct drain_batch;

enum drain_verdict {
	DRAIN_VERDICT_ITEMS,	/* each of its items is written, or at fault */
	DRAIN_VERDICT_DATABASE,	/* it stores nothing */
	DRAIN_VERDICT_NONE,	/* it could not be asked */
};

/* Called once, later, unless the batch's drain is gone. */
typedef void drain_trial_fn(struct drain_batch *batch,
			    enum drain_verdict verdict);

/* The batch has one row or more, and nothing of it is under way. */
void drain_trial_begin(struct drain_batch *batch, struct archive_write *write,
		       drain_trial_fn *fn);

#endif
