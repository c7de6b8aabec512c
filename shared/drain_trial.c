#include "shared/drain_trial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "shared/archive_write.h"
#include "shared/drain_batch.h"
#include "shared/error.h"

#define PASSES 2

struct trial {
	struct drain_batch *batch;
	struct archive_write *write;
	drain_trial_fn *fn;
	unsigned passes;	/* so far */
	size_t refused;		/* in the last one */
};

static void
end(struct trial *trial, enum drain_verdict verdict)
{
	struct drain_batch *batch = trial->batch;
	drain_trial_fn *fn = trial->fn;

	free(trial);
	fn(batch, verdict);
}

/* Whether somebody waits for the answer; the trial is over otherwise. */
static bool
is_wanted(struct trial *trial)
{
	if (drain_batch_is_answered(trial->batch))
		return true;
	free(trial);
	return false;
}

static bool
is_refusal(const struct error *err)
{
	return err->cond == ERROR_INTERNAL_SERVER_ERROR;
}

static void try_next(struct trial *trial);

static void
on_probed(void *ctx, const struct error *err)
{
	struct trial *trial = ctx;

	if (!is_wanted(trial))
		return;
	if (err != NULL) {
		end(trial, is_refusal(err) ? DRAIN_VERDICT_DATABASE :
					     DRAIN_VERDICT_NONE);
		return;
	}
	if (trial->passes == PASSES) {
		end(trial, DRAIN_VERDICT_ITEMS);
		return;
	}
	trial->passes++;
	trial->refused = 0;
	drain_batch_try_again(trial->batch);
	try_next(trial);
}

static void
probe(struct trial *trial)
{
	struct drain_batch *batch = trial->batch;

	batch->under_way = 1;
	archive_write_probe(trial->write, batch->rows[0].mark.serial,
			    on_probed, trial);
}

static void
on_tried(void *ctx, const struct error *err)
{
	struct trial *trial = ctx;
	struct drain_batch *batch = trial->batch;
	struct drain_item *item;

	if (!is_wanted(trial))
		return;
	if (err != NULL && !is_refusal(err)) {
		end(trial, DRAIN_VERDICT_NONE);
		return;
	}
	item = &batch->items[batch->tried++];
	item->written = err == NULL;
	if (err != NULL) {
		drain_batch_blame(item, error_reason(err));
		trial->refused++;
	}
	try_next(trial);
}

/* One after another, so that each answers for itself: what one makes on its
   way, the next relies on. */
static void
try_next(struct trial *trial)
{
	struct drain_batch *batch = trial->batch;
	const struct drain_item *item = drain_batch_next(batch);

	if (item == NULL && trial->refused > 0) {
		probe(trial);
	} else if (item == NULL) {
		end(trial, DRAIN_VERDICT_ITEMS);
	} else {
		batch->under_way = 1;
		archive_write_rows(trial->write, item->row, 1, on_tried,
				   trial);
	}
}

void
drain_trial_begin(struct drain_batch *batch, struct archive_write *write,
		  drain_trial_fn *fn)
{
	struct trial *trial = calloc(1, sizeof(*trial));

	ensure(trial != NULL);
	*trial = (struct trial){ .batch = batch, .write = write, .fn = fn };
	probe(trial);
}
