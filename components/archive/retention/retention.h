/*
 * retention.h - taking out of the archive what is over, now and then.
 */
#ifndef ARCHIVE_RETENTION_H
#define ARCHIVE_RETENTION_H

struct archive;
struct call;
struct retention;

/* Looks through all archives soon, and then again and again, where there are
   rules. */
struct retention *retention_new(struct archive *archive);
/* Begins anew, by the settings as they are now. */
void retention_begin(struct retention *retention);
/* Before the store is closed.  What is under way ends by itself. */
void retention_free(struct retention **retention);

/* Adds its line to the status command. */
void retention_status(const struct retention *retention, struct call *call);

#endif
