/*
 * restore.h - those who were inside when the process was killed that ran
 * before.
 *
 * They come back without a word, as they do not know that anything happened;
 * then each is asked whether he is still there.
 */
#ifndef MUC_RESTORE_H
#define MUC_RESTORE_H

struct muc;
struct restore;

/* Begins to load the rooms that people were in, a few at a time. */
struct restore *restore_new(struct muc *muc);
/* Once the database has answered all that it was asked. */
void restore_free(struct restore **restore);

#endif
