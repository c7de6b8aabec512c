/*
 * archive_address.h - the ids that addresses have in the archive, as far as
 * they are remembered: those that were wanted last.
 */
#ifndef SHARED_ARCHIVE_ADDRESS_H
#define SHARED_ARCHIVE_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

struct archive_address;

/* Remembers at most so many, one at least. */
struct archive_address *archive_address_new(size_t limit);
void archive_address_free(struct archive_address **addresses);

/* 0 when it is not known. */
int64_t archive_address_find(struct archive_address *addresses,
			     const char *jid);
/* jid is copied.  The one that was not wanted for the longest time may have to
   go. */
void archive_address_add(struct archive_address *addresses, const char *jid,
			 int64_t id);
size_t archive_address_count(const struct archive_address *addresses);

#endif
