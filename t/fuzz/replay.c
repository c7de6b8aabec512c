/*
 * Runs a fuzz target over the files given, or those in the folders given,
 * where there is no fuzzing engine to do it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/error.h"
#include "shared/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
complain(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return -1;
}

/* The target gets a copy of the exact size, so that a sanitizer sees it read
   beyond. */
static void
run(const struct str *file)
{
	uint8_t *copy = malloc(file->len > 0 ? file->len : 1);

	ensure(copy != NULL);
	if (file->len > 0)
		memcpy(copy, file->data, file->len);
	LLVMFuzzerTestOneInput(copy, file->len);
	free(copy);
}

static int
replay_file(const char *path)
{
	FILE *from = fopen(path, "rb");
	struct str file = { 0 };
	char bytes[4096];
	size_t len;
	int ret = 0;

	if (from == NULL)
		return complain(path);
	while ((len = fread(bytes, 1, sizeof(bytes), from)) > 0)
		str_add(&file, bytes, len);
	if (ferror(from))
		ret = complain(path);
	else
		run(&file);
	fclose(from);
	str_fini(&file);
	return ret;
}

static int
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct str name = { 0 };
	int ret = 0;

	if (dir == NULL)
		return complain(path);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		str_clear(&name);
		str_addf(&name, "%s/%s", path, entry->d_name);
		if (replay_file(name.data) < 0)
			ret = -1;
	}
	closedir(dir);
	str_fini(&name);
	return ret;
}

int
main(int argc, char **argv)
{
	struct stat st;
	int failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) < 0)
			failed |= complain(argv[i]) < 0;
		else if (S_ISDIR(st.st_mode))
			failed |= replay_folder(argv[i]) < 0;
		else
			failed |= replay_file(argv[i]) < 0;
	}
	return failed;
}
