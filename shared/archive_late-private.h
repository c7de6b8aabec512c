/*
 * archive_late-private.h - what finds the retractions of messages, as each
 * database wants it said: $1 is the list of uids.
 */
#ifndef SHARED_ARCHIVE_LATE_PRIVATE_H
#define SHARED_ARCHIVE_LATE_PRIVATE_H

#include "shared/archive_late.h"

extern const char archive_late_pg[];
extern const char archive_late_sqlite[];

#endif
