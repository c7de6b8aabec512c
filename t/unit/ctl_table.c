#include "components/ctl/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const char columns[] =
	"\"columns\": [{\"name\": \"room\", \"type\": \"jid\", "
	"\"label\": \"Room\"}, "
	"{\"name\": \"n\", \"type\": \"uint\", \"label\": \"Number\"}, "
	"{\"name\": \"flag\", \"type\": \"bool\", \"label\": \"Flag\"}, "
	"{\"name\": \"list\", \"type\": \"list\", \"label\": \"List\"}]";

/* What a table of these rows, an array, looks like in a file. */
static void
assert_shows(const char *command, const char *rows, const char *wanted)
{
	json_t *what = json_loads(command, 0, NULL);
	json_t *all = json_loads(rows, 0, NULL);
	char *text = NULL;
	size_t size, i;
	FILE *out = tmpfile();
	struct table *table = table_new(what, out);
	json_t *row;

	assert_non_null(what);
	assert_non_null(all);
	json_array_foreach(all, i, row)
		table_add(table, row);
	table_end(table);
	table_free(&table);
	size = (size_t)ftell(out);
	rewind(out);
	text = calloc(1, size + 1);
	assert_int_equal(fread(text, 1, size, out), size);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(what);
	json_decref(all);
}

static void
columns_are_in_line(void **state)
{
	char command[1024];

	(void)state;
	snprintf(command, sizeof(command), "{%s}", columns);
	assert_shows(command, "[{\"room\": \"garden\", \"n\": 5, "
		     "\"flag\": true, \"list\": [\"a\", \"b\"]}, "
		     "{\"room\": \"x\", \"n\": 12345678, \"flag\": false, "
		     "\"list\": []}, {\"room\": null}]",
		     "Room      Number  Flag  List\n"
		     "garden         5  yes   a, b\n"
		     "x       12345678  no    \n"
		     "                        \n");
}

static void
nothing_is_shown_of_nothing(void **state)
{
	char command[1024];

	(void)state;
	snprintf(command, sizeof(command), "{%s}", columns);
	assert_shows(command, "[]", "");
	assert_shows("{\"columns\": []}", "[{}]", "");
}

static void
a_record_is_a_list_of_values(void **state)
{
	char command[1024];

	(void)state;
	snprintf(command, sizeof(command), "{\"record\": true, %s}", columns);
	assert_shows(command, "[{\"room\": \"garden\", \"n\": 5, "
		     "\"flag\": true, \"list\": [\"a\", \"b\"]}]",
		     "Room:   garden\n"
		     "Number: 5\n"
		     "Flag:   yes\n"
		     "List:   a\n"
		     "        b\n");
}

static void
no_terminal_is_told_what_to_do(void **state)
{
	(void)state;
	assert_shows("{\"columns\": [{\"name\": \"a\", \"label\": \"A\"}]}",
		     "[{\"a\": \"x\\u001b[31my\\nz\"}]",
		     "A\nx?[31my z\n");
}

static void
many_rows_are_shown_in_parts(void **state)
{
	char *rows = calloc(1, 40000), *wanted = calloc(1, 40000);

	(void)state;
	rows[0] = '[';
	memcpy(wanted, "A\n", 2);
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(rows + strlen(rows), 20, "%s{\"a\": \"x\"}",
			 i > 0 ? "," : "");
		snprintf(wanted + strlen(wanted), 20, "x\n");
	}
	snprintf(rows + strlen(rows), 20, "]");
	assert_shows("{\"columns\": [{\"name\": \"a\", \"label\": \"A\"}]}",
		     rows, wanted);
	free(rows);
	free(wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_in_line),
		cmocka_unit_test(nothing_is_shown_of_nothing),
		cmocka_unit_test(a_record_is_a_list_of_values),
		cmocka_unit_test(no_terminal_is_told_what_to_do),
		cmocka_unit_test(many_rows_are_shown_in_parts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
