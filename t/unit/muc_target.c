#include "components/muc/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
#define ROOM "garden@muc.example"

static struct str said;

static void
on_say(void *ctx, const char *text)
{
	(void)ctx;
	str_addf(&said, "%s ", text);
}

static void
on_end(void *ctx, const struct error *err)
{
	(void)ctx;
	str_addf(&said, "end %s", err != NULL ? err->text : "");
}

static int
found(struct call *call, struct room *room, struct error *err)
{
	(void)err;
	call_say(call, "%s", room->jid);
	return 0;
}

static int
is_free(struct call *call, const struct jid *jid, struct error *err)
{
	call_say(call, "%s", jid->bare);
	return error_set(err, ERROR_CONFLICT, "no more");
}

static int
on_find(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, found, err);
}

static int
on_find_free(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find_free(call, is_free, err);
}

static const struct command_field fields[] = { TARGET_FIELD,
					       { .name = NULL } };
static const struct command find = {
	.name = "find", .fields = fields, .run = on_find,
};
static const struct command find_free = {
	.name = "free", .fields = fields, .run = on_find_free,
};

static struct call *
make(struct mucbed *bed, const struct command *command, const char *room)
{
	static const struct call_output output = {
		.say = on_say, .end = on_end,
	};
	const struct form_field field = {
		.var = "room", .values = &room, .count = 1,
	};
	const struct form form = {
		.type = "submit", .fields = &field, .count = 1,
	};
	const struct call_plan plan = {
		.command = command, .form = &form, .who = "a test",
		.output = &output,
	};
	struct call *call;

	str_clear(&said);
	str_addz(&said, "");
	assert_int_equal(call_new(bed->calls, &plan, &call, &bed->err), 0);
	return call;
}

static const char *
outcome(struct mucbed *bed, const struct command *command, const char *room)
{
	call_run(make(bed, command, room));
	mucbed_save(bed);
	return said.data;
}

/* It is in the store alone. */
static void
store_room(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, ROOM);

	room->options.persistentroom = true;
	roomstore_save(room);
	mucbed_save(bed);
	room_free(&room);
}

static void
a_name_is_enough(void **state)
{
	mucbed_room(*state, ROOM);
	assert_string_equal(outcome(*state, &find, "Garden"), ROOM " end ");
	assert_string_equal(outcome(*state, &find, ROOM), ROOM " end ");
}

static void
a_stored_room_is_loaded(void **state)
{
	store_room(*state);
	assert_string_equal(outcome(*state, &find, "garden"), ROOM " end ");
}

static void
what_is_not_there_is_told(void **state)
{
	assert_string_equal(outcome(*state, &find, "garden"),
			    "end there is no room " ROOM);
	assert_string_equal(outcome(*state, &find_free, "garden"),
			    ROOM " end no more");
}

static void
what_is_there_is_not_free(void **state)
{
	store_room(*state);
	assert_string_equal(outcome(*state, &find_free, "garden"),
			    "end " ROOM " is there already");
}

static void
other_addresses_are_refused(void **state)
{
	static const char *const wrong[] = {
		"garden@elsewhere", ROOM "/nick", "a b", "@muc.example",
	};
	char longest[ROOM_JID_BYTES];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_memory_equal(outcome(*state, &find, wrong[i]), "end ",
				    4);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_string_equal(outcome(*state, &find, longest),
			    "end the room's address has more than 600 bytes");
}

static void
who_has_gone_waits_for_no_room(void **state)
{
	struct mucbed *bed = *state;
	struct call *call;

	store_room(bed);
	call = make(bed, &find, "garden");
	call_run(call);
	call_cancel(call);
	mucbed_save(bed);
	assert_string_equal(said.data, "");
	assert_non_null(room_find(bed->muc, ROOM));
}

static void
a_database_that_is_away_is_told(void **state)
{
	struct mucbed *bed = *state;

	fake_store_set_away(bed->runtime.store, true);
	assert_string_equal(outcome(bed, &find, "garden"), "end away");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_enough),
		TEST(a_stored_room_is_loaded),
		TEST(what_is_not_there_is_told),
		TEST(what_is_there_is_not_free),
		TEST(other_addresses_are_refused),
		TEST(who_has_gone_waits_for_no_room),
		TEST(a_database_that_is_away_is_told),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&said);
	return failed;
}
