/*
 * docket.h - the hearings that are under way, and what became of others.
 *
 * Embedded in its owner.
 */
#ifndef ARCHIVE_DOCKET_H
#define ARCHIVE_DOCKET_H

#include <stdint.h>

struct archive;
struct hearing;
struct metric;

/* What became of stanzas. */
enum docket_count {
	DOCKET_ALLOWED,
	DOCKET_BLOCKED,
	DOCKET_MODIFIED,
	DOCKET_HELD,
	DOCKET_FAILED_OPEN,	/* without a verdict they went on */
	DOCKET_FAILED_CLOSED,	/* or did not */
	DOCKET_SPOOLED,		/* or wait for one */
	DOCKET_COUNTS,
};

/* How many of them took no longer than so many times. */
#define DOCKET_DELAYS 10

struct docket {
	struct archive *archive;
	struct hearing *hearings;
	struct metric *counts[DOCKET_COUNTS];
	struct metric *delays[DOCKET_DELAYS];
};

void docket_init(struct docket *docket, struct archive *archive);
/* A stanza was done with, after so many nanoseconds. */
void docket_count(struct docket *docket, enum docket_count what, uint64_t ns);

#endif
