#include "shared/scroll.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"

struct fixture {
	char path[64];
	struct str text;
	struct scroll *scroll;
	struct error err;
};

static int
setup(void **state)
{
	static struct fixture fixture;
	int fd;

	memset(&fixture, 0, sizeof(fixture));
	snprintf(fixture.path, sizeof(fixture.path),
		 "/tmp/annex-scroll-XXXXXX");
	fd = mkstemp(fixture.path);
	assert_true(fd >= 0);
	close(fd);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	scroll_close(&f->scroll);
	str_fini(&f->text);
	unlink(f->path);
	return 0;
}

/* Opens a file that holds the text. */
static void
open_text(struct fixture *f)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(f->text.data, 1, f->text.len, file),
			 f->text.len);
	fclose(file);
	assert_int_equal(scroll_open(AT_FDCWD, f->path, "item(", &f->scroll,
				     &f->err), 0);
	assert_int_equal(scroll_bytes(f->scroll), f->text.len);
}

static int
leap(struct fixture *f, unsigned *times_r)
{
	int ret;

	*times_r = 0;
	do
		++*times_r;
	while ((ret = scroll_skip(f->scroll, &f->err)) == SCROLL_YET);
	return ret;
}

static void
finds_where_records_begin(void **state)
{
	struct fixture *f = *state;
	const char *text;
	unsigned times;
	size_t len;

	str_addz(&f->text, "\n \titem(1)\n item(\nitem\nx\nitem(2)\nitem");
	open_text(f);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	assert_memory_equal(text, "item(1)", 7);
	assert_int_equal(scroll_line(f->scroll), 2);
	scroll_pass(f->scroll, 3);
	assert_int_equal(leap(f, &times), 1);
	assert_int_equal(scroll_line(f->scroll), 6);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	assert_memory_equal(text, "item(2)", 7);
	assert_int_equal(leap(f, &times), 0);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 0);
	scroll_go(f->scroll, 3, 2);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	assert_memory_equal(text, "item(1)", 7);
	assert_int_equal(scroll_offset(f->scroll), 3);
}

/* Whatever stands at the edge of what is read at a time. */
static void
widens_its_window(void **state)
{
	struct fixture *f = *state;
	const char *text;
	size_t len, wide;

	for (unsigned i = 0; i < 100000; i++)
		str_addf(&f->text, "%06u\n", i);
	open_text(f);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	scroll_pass(f->scroll, 7);
	for (wide = 0; scroll_widen(f->scroll, &text, &len, &f->err) == 1;
	     wide = len)
		assert_true(len > wide);
	assert_int_equal(wide, f->text.len - 7);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	assert_memory_equal(text, f->text.data + 7, wide);
	assert_int_equal(scroll_line(f->scroll), 2);
}

static void
skips_far_in_steps(void **state)
{
	struct fixture *f = *state;
	const char *text;
	unsigned times;
	size_t len;

	memset(str_reserve(&f->text, 8 << 20), 'x', 8 << 20);
	f->text.len = 8 << 20;
	str_addz(&f->text, "\nitem(1)");
	open_text(f);
	assert_int_equal(leap(f, &times), 1);
	assert_in_range(times, 8, 9);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	assert_int_equal(len, 7);
	assert_int_equal(scroll_line(f->scroll), 2);
}

static void
keeps_its_window_small(void **state)
{
	struct fixture *f = *state;
	const char *text;
	size_t len;

	memset(str_reserve(&f->text, 12 << 20), 'x', 12 << 20);
	f->text.len = 12 << 20;
	open_text(f);
	assert_int_equal(scroll_look(f->scroll, &text, &len, &f->err), 1);
	while (scroll_widen(f->scroll, &text, &len, &f->err) == 1)
		assert_true(len < 2 * SCROLL_RECORD_MAX);
}

static void
refuses_what_is_no_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(scroll_open(AT_FDCWD, "/nowhere", "item(",
				     &f->scroll, &f->err), -1);
	assert_string_equal(f->err.text,
			    "/nowhere: No such file or directory");
	assert_int_equal(scroll_open(AT_FDCWD, "/dev/zero", "item(",
				     &f->scroll, &f->err), -1);
	assert_string_equal(f->err.text, "/dev/zero: it is no file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_where_records_begin,
						setup, teardown),
		cmocka_unit_test_setup_teardown(widens_its_window, setup,
						teardown),
		cmocka_unit_test_setup_teardown(skips_far_in_steps, setup,
						teardown),
		cmocka_unit_test_setup_teardown(keeps_its_window_small,
						setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_file,
						setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
