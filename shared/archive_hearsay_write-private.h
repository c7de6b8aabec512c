/*
 * archive_hearsay_write-private.h - what finds, writes and names copies of what
 * is said in rooms that are not kept here, as both databases are told.
 */
#ifndef SHARED_ARCHIVE_HEARSAY_WRITE_PRIVATE_H
#define SHARED_ARCHIVE_HEARSAY_WRITE_PRIVATE_H

struct archive_hearsay_statements {
	const char *find_own, *name_own, *find_live, *find_late, *nick, *write;
	const char *hear;
};

extern const struct archive_hearsay_statements archive_hearsay_statements;

#endif
