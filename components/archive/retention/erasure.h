/*
 * erasure.h - erasing what there is of a person in the archive.
 */
#ifndef ARCHIVE_ERASURE_H
#define ARCHIVE_ERASURE_H

struct store;

/* Goes on with those that were not done when the process ended, and those of
   which something is held no more. */
void erasure_resume(struct store *store);

#endif
