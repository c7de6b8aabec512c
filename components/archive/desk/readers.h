/*
 * readers.h - those who read their archives: what they may ask, and how many
 * did.
 */
#ifndef ARCHIVE_READERS_H
#define ARCHIVE_READERS_H

#include <stddef.h>

#include "shared/mam_offer.h"

struct archive;
struct error;
struct metric;
struct reading;

/* What became of requests. */
enum readers_outcome {
	READERS_ANSWERED,
	READERS_REFUSED,	/* not sensible, or not offered */
	READERS_FAILED,		/* the user may ask again */
	READERS_OUTCOMES,
};

struct readers {
	struct archive *archive;
	struct reading *readings;	/* who came first is first */
	struct metric *outcomes[READERS_OUTCOMES];
	struct metric *results;
};

struct readers *readers_new(struct archive *archive);
/* Once all readings have ended. */
void readers_free(struct readers **readers);

/* What users' archives can be asked. */
struct mam_offer readers_offer(const struct readers *readers);
/* Counts a request that ended, with err where it was not answered, and the
   results before its answer. */
void readers_count(struct readers *readers, const struct error *err,
		   size_t results);

#endif
