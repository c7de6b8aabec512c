/*
 * retraction.h - what users retract (XEP-0424): whether it goes out of the
 * archive, and the audit log's entries of what did; of what annex-muc has taken
 * out of rooms' archives on the same database as well.
 */
#ifndef ARCHIVE_RETRACTION_H
#define ARCHIVE_RETRACTION_H

#include <stdbool.h>

struct archive;
struct archive_row;
struct retraction;

/* What was retracted before, and the audit log does not have, gets there
   soon. */
struct retraction *retraction_new(struct archive *archive);
/* Before the store is closed.  What is under way ends by itself. */
void retraction_free(struct retraction **retraction);

/* In the following, retraction may be NULL: it has ended. */

/* Whether anything goes at all, by the settings at the start. */
bool retraction_is_on(const struct retraction *retraction);

/* Sets what the row is to take away.  Its ways are still those of the copy:
   what its owners want in their archives is not asked. */
void retraction_apply(struct retraction *retraction,
		      struct archive_row *row);

#endif
