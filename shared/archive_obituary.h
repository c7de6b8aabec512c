/*
 * archive_obituary.h - what was retracted (archive_burial.h) gets into the
 * audit log, and out of the table archive_retraction: one entry for each
 * person, with the messages and what became of their texts.
 *
 * On one database each process has its own: what users have said to each other,
 * or what was said in rooms of one domain.
 */
#ifndef SHARED_ARCHIVE_OBITUARY_H
#define SHARED_ARCHIVE_OBITUARY_H

#include <uv.h>

struct archive_obituary;
struct store;

/* rooms is the domain of rooms, which is copied; NULL: what was said in none.
   What is there already is noted soon, and what comes later within seconds. */
struct archive_obituary *archive_obituary_new(uv_loop_t *loop,
					      struct store *store,
					      const char *rooms);
/* Before the store is closed.  What is under way ends by itself. */
void archive_obituary_free(struct archive_obituary **obituary);

/* Somebody has retracted something: it is looked for in a second, so that what
   is retracted together has one entry. */
void archive_obituary_hurry(struct archive_obituary *obituary);

#endif
