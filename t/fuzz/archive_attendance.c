/*
 * What can be read is printed as a text that gives the same again.
 */
#include "shared/archive_attendance.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
parse(struct arena *arena, const char *text, size_t len, struct str *out)
{
	struct archive_attendance attendance;
	struct error err = { 0 };

	if (archive_attendance_parse(arena, text, len, &attendance, &err) < 0)
		return -1;
	archive_attendance_print(out, &attendance);
	ensure(archive_attendance_is(out->data, out->len));
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct str text = { 0 }, again = { 0 };
	int ret = parse(arena, (const char *)data, size, &text);

	if (ret == 0) {
		ensure(parse(arena, text.data, text.len, &again) == 0);
		ensure(strcmp(text.data, again.data) == 0);
	}
	str_fini(&text);
	str_fini(&again);
	arena_free(&arena);
	return ret;
}
