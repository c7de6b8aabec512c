/*
 * retraction.h - what users retract (XEP-0424): whether its text goes, or is
 * kept for auditors alone, and the audit log's entries of it.
 */
#ifndef ARCHIVE_RETRACTION_H
#define ARCHIVE_RETRACTION_H

struct archive;
struct archive_row;
struct retraction;

/* What was retracted before, and the audit log does not have, gets there
   soon. */
struct retraction *retraction_new(struct archive *archive);
/* Before the store is closed.  What is under way ends by itself. */
void retraction_free(struct retraction **retraction);

/* Sets what the row is to take away.  Its ways are still those of the copy:
   what its owners want in their archives is not asked.  retraction may be NULL:
   it has ended. */
void retraction_apply(struct retraction *retraction,
		      struct archive_row *row);

#endif
