/*
 * format.h - the formats in which messages leave the archive.
 */
#ifndef ARCHIVE_FORMAT_H
#define ARCHIVE_FORMAT_H

struct archive_row;
struct arena;
struct str;

struct format {
	const char *name;
	/* The file that all are in; NULL: each has its own. */
	const char *file;
	const char *head;	/* what the file begins with */
	void (*print)(struct str *out, struct arena *arena,
		      const struct archive_row *row);
};

/* "csv", "eml", "jsonl" or "mbox". */
const struct format *format_find(const char *name);

/* The file of a message, in the arena. */
const char *format_file(const struct format *format, struct arena *arena,
			const struct archive_row *row);

#endif
