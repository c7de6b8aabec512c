/*
 * format.h - the formats in which messages leave the archive.
 */
#ifndef ARCHIVE_FORMAT_H
#define ARCHIVE_FORMAT_H

#include <stdbool.h>

struct archive_event;
struct archive_row;
struct arena;
struct str;

struct format_item {
	const struct archive_row *row;
	/* Whom it was shown in a room, a line each; may be "". */
	const char *audience;
};

struct format {
	const char *name;
	/* The file that all are in; NULL: each has its own. */
	const char *file;
	const char *head;	/* what the file begins with */
	/* Returns whether all is there that the format has of a message: what
	   is stored of it may be no XML any more, as somebody else has changed
	   it, and is given as it is then, marked as damaged. */
	bool (*print)(struct str *out, struct arena *arena,
		      const struct format_item *item);
	/* The same of events; the file is NULL where there are none of
	   them. */
	const char *event_file, *event_head;
	void (*print_event)(struct str *out, struct arena *arena,
			    const struct archive_event *event);
};

/* "csv", "eml", "jsonl" or "mbox". */
const struct format *format_find(const char *name);

/* The file of a message, in the arena. */
const char *format_file(const struct format *format, struct arena *arena,
			const struct archive_row *row);

#endif
