#include "shared/migrate_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/str.h"

#define DIGITS 4

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len >= tail && strcmp(name + len - tail, suffix) == 0;
}

/* The length of NNNN-what in NNNN-what.anything; 0 when it is none. */
static size_t
stem_len(const char *name)
{
	size_t len = 0;

	while (len < DIGITS && isdigit((unsigned char)name[len]))
		len++;
	if (len < DIGITS || name[len++] != '-')
		return 0;
	while (isalnum((unsigned char)name[len]) || name[len] == '-' ||
	       name[len] == '_')
		len++;
	return name[len] == '.' && len > DIGITS + 1 ? len : 0;
}

static void
add_file(struct migrate_files *files, const char *directory, const char *name)
{
	struct migrate_file *file;

	files->list = realloc(files->list, (files->count + 1) *
			      sizeof(*files->list));
	ensure(files->list != NULL);
	file = &files->list[files->count++];
	file->number = (unsigned)strtoul(name, NULL, 10);
	file->name = strndup(name, stem_len(name));
	ensure(file->name != NULL);
	ensure(asprintf(&file->path, "%s/%s", directory, name) > 0);
}

/* Files for the other dialect are not ours; what does not end in .sql is no
   migration. */
static int
consider(struct migrate_files *files, const char *directory, const char *name,
	 const char *dialect, struct error *err)
{
	size_t len = stem_len(name);
	bool pg = strcmp(dialect, "postgresql") == 0;

	if (name[0] == '.' || !has_suffix(name, ".sql"))
		return 0;
	if (len == 0)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "%s/%s is not named NNNN-what.sql",
				 directory, name);
	if (strcmp(name + len, ".sql") == 0 ||
	    strcmp(name + len, pg ? ".pg.sql" : ".sqlite.sql") == 0)
		add_file(files, directory, name);
	else if (strcmp(name + len, pg ? ".sqlite.sql" : ".pg.sql") != 0)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "%s/%s is neither .pg.sql nor .sqlite.sql",
				 directory, name);
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	unsigned an = ((const struct migrate_file *)a)->number;
	unsigned bn = ((const struct migrate_file *)b)->number;

	return an < bn ? -1 : an > bn;
}

static int
look_at_numbers(const struct migrate_files *files, const char *directory,
		const char *dialect, struct error *err)
{
	for (unsigned i = 0; i < files->count; i++) {
		unsigned number = files->list[i].number;

		if (number == i + 1)
			continue;
		if (i > 0 && number == i)
			return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
					 "%s has two migrations %04u",
					 directory, number);
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "%s lacks migration %04u for %s", directory,
				 i + 1, dialect);
	}
	if (files->count == 0)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "%s holds no migrations", directory);
	return 0;
}

int
migrate_files_scan(struct migrate_files *files, const char *directory,
		   const char *dialect, struct error *err)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);
	int ret = 0;

	if (dir == NULL)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR, "%s: %s",
				 directory, strerror(errno));
	while (ret == 0 && (entry = readdir(dir)) != NULL)
		ret = consider(files, directory, entry->d_name, dialect, err);
	closedir(dir);
	if (ret == 0 && files->count > 0)
		qsort(files->list, files->count, sizeof(*files->list),
		      by_number);
	return ret == 0 ?
	       look_at_numbers(files, directory, dialect, err) : -1;
}

void
migrate_files_fini(struct migrate_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].name);
		free(files->list[i].path);
	}
	free(files->list);
	*files = (struct migrate_files){ 0 };
}

static int
read_all(FILE *in, struct str *text)
{
	size_t got;

	do {
		char *to = str_reserve(text, 4096);

		got = fread(to, 1, 4095, in);
		text->len += got;
		to[got] = '\0';
	} while (got > 0);
	return ferror(in) ? -1 : 0;
}

int
migrate_file_read(const struct migrate_file *file, char **text_r,
		  struct error *err)
{
	struct str text = { 0 };
	FILE *in = fopen(file->path, "re");
	int ret;

	if (in == NULL)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR, "%s: %s",
				 file->path, strerror(errno));
	ret = read_all(in, &text);
	fclose(in);
	if (ret < 0 || strlen(text.data) != text.len) {
		str_fini(&text);
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "%s cannot be read as text", file->path);
	}
	*text_r = text.data;
	return 0;
}
