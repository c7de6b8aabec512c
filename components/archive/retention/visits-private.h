/*
 * visits-private.h - what looks at visits, and removes those that are over.
 *
 * Parameters: $1 and $2 the place's room and its before; $3 and $4 behind whom
 * to look, or the bounds.
 */
#ifndef ARCHIVE_VISITS_PRIVATE_H
#define ARCHIVE_VISITS_PRIVATE_H

#include "components/archive/retention/visits.h"

extern const char visits_find_sql[], visits_remove_sql[];

#endif
