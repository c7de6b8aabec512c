/*
 * migrate_files.h - the migrations in a folder, for one dialect.
 */
#ifndef SHARED_MIGRATE_FILES_H
#define SHARED_MIGRATE_FILES_H

#include <stddef.h>

struct error;

struct migrate_file {
	unsigned number;
	char *name;	/* "0001-rooms": letters, digits, "-" and "_" */
	char *path;
};

struct migrate_files {
	struct migrate_file *list;	/* list[0] is number 1, and so on */
	size_t count;
};

/* All zero is valid and empty.  Returns 0, or -1 with err: the folder cannot
   be read, holds none, or its numbers are not 1, 2, 3... */
int migrate_files_scan(struct migrate_files *files, const char *directory,
		       const char *dialect, struct error *err);
void migrate_files_fini(struct migrate_files *files);

/* The file's text, on the heap. */
int migrate_file_read(const struct migrate_file *file, char **text_r,
		      struct error *err);

#endif
