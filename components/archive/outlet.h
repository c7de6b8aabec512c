/*
 * outlet.h - the way of messages out of the journal, into the database.
 *
 * It begins once it is known by which number we write (archive_writer.h); until
 * then, and while the database is away, they wait in the journal.
 */
#ifndef ARCHIVE_OUTLET_H
#define ARCHIVE_OUTLET_H

struct archive;
struct outlet;

struct outlet *outlet_new(struct archive *archive);
/* Nothing more is taken from the journal, which may be closed then. */
void outlet_stop(struct outlet *outlet);
/* Once it was stopped, the store is closed, and nobody asks for metrics. */
void outlet_free(struct outlet **outlet);

#endif
