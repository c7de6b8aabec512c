/*
 * preferences.h - which messages users do not want in their archives: what all
 * of them have said (XEP-0441), in memory and in the database.
 *
 * One message is in two archives, so it is kept for the other one where only
 * one of them does not want it.
 */
#ifndef ARCHIVE_PREFERENCES_H
#define ARCHIVE_PREFERENCES_H

struct archive;
struct archive_row;
struct error;
struct preference;
struct preferences;

struct preferences *preferences_new(struct archive *archive);
/* Once the store is closed. */
void preferences_free(struct preferences **preferences);

/* Called once, never from within; err is the store's. */
typedef void preferences_fn(void *ctx, const struct error *err);

/* Reads all from the database.  Where that failed it may be tried again. */
void preferences_load(struct preferences *preferences, preferences_fn *fn,
		      void *ctx);

/* What holds for that user, a bare address.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT: it is not read yet.  The lists live until the
   loop's turn ends. */
int preferences_find(const struct preferences *preferences, const char *owner,
		     struct preference *preference_r, struct error *err);

/* Keeps it in the database, and has it hold from then on: before fn is
   called.  It is copied. */
void preferences_set(struct preferences *preferences, const char *owner,
		     const struct preference *preference, preferences_fn *fn,
		     void *ctx);

/* What he has chosen holds no more; what the database has of it goes by itself
   (shared/archive_account.h). */
void preferences_forget(struct preferences *preferences, const char *owner);

/* Takes out of the row's ways those copies whose owner does not want them:
   there may be none left.  Where they are kept all the same (compliance.h) they
   are unseen.  All have been read.  This is the one place that decides it. */
void preferences_apply(const struct preferences *preferences,
		       struct archive_row *row);

#endif
