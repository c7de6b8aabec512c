/*
 * pledge.h - whose retracted messages are kept in rooms as well: what the
 * sections compliance (compliance.h) say of retractions, for annex-muc on the
 * same database, which has a setting for all of them alone
 * (shared/archive_burial.h).
 *
 * The table archive_kept has the addresses and domains that are named.
 */
#ifndef ARCHIVE_PLEDGE_H
#define ARCHIVE_PLEDGE_H

struct archive;
struct pledge;

/* Tells what the settings say, as soon as the database takes it. */
struct pledge *pledge_new(struct archive *archive);
/* Before the store is closed.  What is under way ends by itself. */
void pledge_free(struct pledge **pledge);

/* Other settings.  pledge may be NULL: it has ended. */
void pledge_renew(struct pledge *pledge);

#endif
