/*
 * archive_writer.h - what number a process has among those who write to one
 * archive, so that no two make the same serial (shared/serial.h).
 */
#ifndef SHARED_ARCHIVE_WRITER_H
#define SHARED_ARCHIVE_WRITER_H

#include <stdint.h>

struct error;
struct store;

struct archive_writer {
	unsigned number;	/* below SERIAL_WRITERS */
	int64_t last;		/* the greatest serial that it has stored, or
				   0 */
};

/* writer is NULL when err is not. */
typedef void archive_writer_fn(void *ctx, const struct archive_writer *writer,
			       const struct error *err);

/* That of name, which is the component's domain: whoever stands by for a
   process has its name and its number, and writes only in its place.  The same
   one each time, for ever.  fn is called once, never before this returns; err
   is ERROR_RESOURCE_CONSTRAINT when no number is free, or, of type wait, when
   the store is closed or another has just taken it: that may be tried
   again. */
void archive_writer_find(struct store *store, const char *name,
			 archive_writer_fn *fn, void *ctx);

#endif
