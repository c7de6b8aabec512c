#include "t/bench/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SPEAKERS 2
#define LISTENERS 2

/* Speaker 0 says numbers 0 and 1, speaker 1 says 2. */
static struct transcript *
a_transcript(void)
{
	struct transcript *transcript = transcript_new(SPEAKERS, LISTENERS);

	assert_int_equal(transcript_say(transcript, 0, 1.0), 0);
	assert_int_equal(transcript_say(transcript, 0, 2.0), 1);
	assert_int_equal(transcript_say(transcript, 1, 3.0), 2);
	return transcript;
}

static const char *
hear(struct transcript *transcript, unsigned listener, unsigned number)
{
	double delay;

	return transcript_hear(transcript, listener, number, 5.0, &delay);
}

static void
is_complete_when_all_have_heard_all(void **state)
{
	struct transcript *transcript = a_transcript();

	(void)state;
	assert_null(hear(transcript, 0, 0));
	assert_null(hear(transcript, 0, 2));
	assert_null(hear(transcript, 0, 1));
	assert_int_equal(transcript_missing(transcript), 3);
	assert_null(hear(transcript, 1, 0));
	assert_int_equal(transcript_missing(transcript), 2);
	assert_null(hear(transcript, 1, 2));
	assert_null(hear(transcript, 1, 1));
	assert_int_equal(transcript_missing(transcript), 0);
	assert_int_equal(transcript_said(transcript), 3);
	transcript_free(&transcript);
}

static void
knows_who_spoke_and_when(void **state)
{
	struct transcript *transcript = a_transcript();
	double delay = 0;

	(void)state;
	assert_int_equal(transcript_speaker(transcript, 1), 0);
	assert_int_equal(transcript_speaker(transcript, 2), 1);
	assert_int_equal(transcript_speaker(transcript, 3), -1);
	assert_null(transcript_hear(transcript, 0, 2, 7.5, &delay));
	assert_true(delay == 4.5);
	transcript_free(&transcript);
}

static void
finds_what_is_wrong(void **state)
{
	struct transcript *transcript = a_transcript();

	(void)state;
	assert_string_equal(hear(transcript, 0, 3), "never said");
	assert_string_equal(hear(transcript, 0, 1),
			    "heard before what the same person said before");
	assert_null(hear(transcript, 0, 2));
	assert_string_equal(hear(transcript, 0, 2), "heard before");
	assert_string_equal(hear(transcript, 1, 0),
			    "heard in another order than by others");
	assert_null(hear(transcript, 1, 2));
	assert_int_equal(transcript_missing(transcript), 2);
	transcript_free(&transcript);
}

static void
holds_many(void **state)
{
	struct transcript *transcript = transcript_new(1, 1);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(transcript_say(transcript, 0, i), i);
	for (unsigned i = 0; i < 1000; i++)
		assert_null(hear(transcript, 0, i));
	assert_int_equal(transcript_missing(transcript), 0);
	transcript_free(&transcript);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_complete_when_all_have_heard_all),
		cmocka_unit_test(knows_who_spoke_and_when),
		cmocka_unit_test(finds_what_is_wrong),
		cmocka_unit_test(holds_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
