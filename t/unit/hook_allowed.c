#include "shared/hook_allowed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/hookbed.h"

#define ALLOW(host, ids) \
	"<message from='comp.example' to='" host "'>" \
	"<allow xmlns='urn:x-annex:0'>" ids "</allow></message>\n"

/* Of ids in one stanza, and of one of them here, with its line feed. */
#define IDS_BYTES 4096
#define ID_BYTES 7

/* Known by its address. */
static const char host[] = "example";
static struct hook_allowed allowed;
static unsigned closed;

static void
on_closed(uv_handle_t *handle)
{
	assert_string_equal(handle->data, "data");
	closed++;
}

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(NULL, NULL);

	hook_allowed_init(&allowed, &bed->runtime);
	*state = bed;
	return 0;
}

static void
close_it(void)
{
	static char data[] = "data";

	closed = 0;
	hook_allowed_close(&allowed, data, on_closed);
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	close_it();
	hookbed_free(&bed);
	assert_int_equal(closed, 1);
	return 0;
}

/* What is said when the loop's turn ends. */
static const char *
said(struct hookbed *bed)
{
	uv_run(&bed->loop, UV_RUN_NOWAIT);
	return hookbed_sent(bed);
}

static void
says_them_together(void **state)
{
	hook_allowed_add(&allowed, host, "c1");
	hook_allowed_add(&allowed, host, "c2");
	hook_allowed_add(&allowed, host, "c<3>");
	assert_string_equal(hookbed_sent(*state), "");
	assert_string_equal(said(*state),
			    ALLOW("example", "c1\nc2\nc&lt;3&gt;"));
	assert_string_equal(said(*state), "");
	/* In the next turn again. */
	hook_allowed_add(&allowed, host, "c4");
	assert_string_equal(said(*state), ALLOW("example", "c4"));
}

/* Each shim has ids of its own; none waits for another turn. */
static void
says_to_each_host_its_own(void **state)
{
	static const char other[] = "example.net";

	hook_allowed_add(&allowed, host, "c1");
	hook_allowed_add(&allowed, other, "c1");
	assert_string_equal(hookbed_sent(*state), ALLOW("example", "c1"));
	hook_allowed_add(&allowed, host, "c2");
	assert_string_equal(hookbed_sent(*state), ALLOW("example.net", "c1"));
	assert_string_equal(said(*state), ALLOW("example", "c2"));
}

/* Checks the ids of one stanza, from n on.  Returns the next. */
static unsigned
check_ids(const char *ids, const char *end, unsigned n)
{
	char id[ID_BYTES];

	assert_true(end - ids <= IDS_BYTES + ID_BYTES);
	for (;; ids += ID_BYTES) {
		snprintf(id, sizeof(id), "id%04u", n++);
		assert_memory_equal(ids, id, ID_BYTES - 1);
		if (ids + ID_BYTES - 1 == end)
			return n;
		assert_int_equal(ids[ID_BYTES - 1], '\n');
	}
}

static void
says_many_in_several(void **state)
{
	static const char begin[] = "0'>", end[] = "</a";
	char id[ID_BYTES];
	unsigned n = 0, stanzas = 0;

	for (unsigned i = 0; i < 2000; i++) {
		snprintf(id, sizeof(id), "id%04u", i);
		hook_allowed_add(&allowed, host, id);
	}
	for (const char *at = strstr(said(*state), begin); at != NULL;
	     at = strstr(at, begin), stanzas++) {
		at += sizeof(begin) - 1;
		n = check_ids(at, strstr(at, end), n);
	}
	assert_int_equal(n, 2000);
	assert_int_equal(stanzas, 2000 * ID_BYTES / IDS_BYTES + 1);
}

/* With the link go those who wait, and not those who come later. */
static void
forgets(void **state)
{
	hook_allowed_add(&allowed, host, "c1");
	hook_allowed_forget(&allowed);
	assert_string_equal(said(*state), "");
	hook_allowed_add(&allowed, host, "c2");
	assert_string_equal(said(*state), ALLOW("example", "c2"));
}

/* The bed goes on. */
static void
says_nothing_after_its_end(void **state)
{
	struct hookbed *bed = *state;

	hook_allowed_add(&allowed, host, "c1");
	close_it();
	assert_string_equal(said(bed), "");
	assert_int_equal(closed, 1);
	hook_allowed_init(&allowed, &bed->runtime);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_them_together),
		TEST(says_to_each_host_its_own),
		TEST(says_many_in_several),
		TEST(forgets),
		TEST(says_nothing_after_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_allowed", tests, NULL, NULL);
}
