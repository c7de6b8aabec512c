/*
 * mam_metadata.h - where an archive begins and ends (XEP-0313 section 5).
 */
#ifndef SHARED_MAM_METADATA_H
#define SHARED_MAM_METADATA_H

#include <stdint.h>

struct arena;
struct xml;

struct mam_metadata {
	const char *start_id, *end_id;	/* of the first and the last message;
					   NULL: the archive is empty */
	int64_t start, end;		/* when they came: microseconds since
					   1970 */
};

/* What answers <metadata/>, in the arena.  Ids are borrowed. */
struct xml *mam_metadata_new(struct arena *arena,
			     const struct mam_metadata *metadata);

#endif
