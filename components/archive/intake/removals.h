/*
 * removals.h - accounts that were removed, until the database knows.
 *
 * Meanwhile nobody may be shown what the database has for such an address: it
 * does not tell yet whose it was.
 */
#ifndef ARCHIVE_REMOVALS_H
#define ARCHIVE_REMOVALS_H

#include <stdbool.h>

struct archive;
struct removals;
struct str;

/* Adds what the journal is to keep of one: that account, and an id that no
   other removal has. */
void removals_print(struct archive *archive, const char *owner,
		    const char *uid, struct str *out);

/* The archive's outlet is there.  What the journal had before, nobody has read
   yet: until the database has that, it may be anybody's. */
struct removals *removals_new(struct archive *archive);
/* Nothing more is waited for. */
void removals_free(struct removals **removals);

/* That account was removed, as the journal has been given to keep. */
void removals_add(struct removals *removals, const char *owner);
/* Whether the database may not know yet that the account was removed. */
bool removals_has(const struct removals *removals, const char *owner);

#endif
