/*
 * archive_write.h - the way of messages into the archive's tables.
 *
 * Many go in one transaction.  Each is stored once among those of one writer
 * (shared/archive_writer.h), however often it comes: its copies, those that
 * come again after a restart, and what the store does again, are known by the
 * uid; the first one stays, and the ways of all others are added to it.  So
 * whoever is not sure whether something was written writes it again.  Two
 * writers that have copies of one message at the same time may both store it.
 *
 * A retraction that buries something (archive_burial.h) does it in the same
 * transaction.  One without ways does that, and is not stored itself.
 * A message that is late is buried behind that, in another one
 * (archive_late.h).
 *
 * Rows with attendance (shared/archive_attendance.h) are written in the order
 * in which they come.
 *
 * What the writer has stored last is noted, if it has a number from
 * archive_writer.h.
 *
 * Months that have no partition get one on the way, and their successors.
 */
#ifndef SHARED_ARCHIVE_WRITE_H
#define SHARED_ARCHIVE_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/archive_late.h"

struct archive_row;
struct archive_write;
struct error;
struct store;

/* The most that one call takes; and about so many bytes of text should be the
   most as well. */
#define ARCHIVE_WRITE_ROWS 500
#define ARCHIVE_WRITE_BYTES (1 << 20)

/* Usual number of addresses whose ids are remembered: about 12 MB. */
#define ARCHIVE_WRITE_ADDRESSES 100000

/* Called exactly once, never before the function that was given it returns.
   err is NULL once they are durable; otherwise none of them was written, and
   it is what the store says: ERROR_INTERNAL_SERVER_ERROR when one of them is
   refused, after which each may be tried alone; ERROR_RESOURCE_CONSTRAINT of
   type wait when too much waits already, or the store is closed. */
typedef void archive_write_fn(void *ctx, const struct error *err);

/* addresses is how many of them are remembered at most. */
struct archive_write *archive_write_new(struct store *store,
					size_t addresses);
/* What tells what retractions bury; without it those that are late stay. */
void archive_write_on_late(struct archive_write *write,
			   archive_late_change_fn *change, void *ctx);
/* Once each fn was called. */
void archive_write_free(struct archive_write **write);

/* Writes count rows, 1 to ARCHIVE_WRITE_ROWS, all copied before it returns.
   Several calls may be under way; they are done in order. */
void archive_write_rows(struct archive_write *write,
			const struct archive_row *rows, size_t count,
			archive_write_fn *fn, void *ctx);

/* Whether the database stores anything at all at that serial: something is
   written, and removed before anybody sees it.  Told as if it were a row. */
void archive_write_probe(struct archive_write *write, int64_t serial,
			 archive_write_fn *fn, void *ctx);

/* How many addresses are remembered. */
size_t archive_write_known(const struct archive_write *write);

#endif
