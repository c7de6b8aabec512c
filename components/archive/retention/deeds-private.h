/*
 * deeds-private.h - what finds events that are over.
 *
 * Parameters: $1 whose; $2 and $3 the serials before which his own are, and
 * those in the room that he may be.
 */
#ifndef ARCHIVE_DEEDS_PRIVATE_H
#define ARCHIVE_DEEDS_PRIVATE_H

extern const char deeds_find_sql[];

#endif
