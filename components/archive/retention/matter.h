/*
 * matter.h - matters in which messages are held.
 */
#ifndef ARCHIVE_MATTER_H
#define ARCHIVE_MATTER_H

struct store;

/* Takes the text of what is to have none and is held no more, where the process
   ended before it had all. */
void matter_resume(struct store *store);

#endif
