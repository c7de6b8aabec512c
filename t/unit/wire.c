#include "shared/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "shared/metric.h"
#include "shared/router.h"
#include "t/lib/linkbed.h"

/* The router stops reading: we stop as well, and all arrives in the end. */
static void
stops_reading_when_congested(void **state)
{
	static const char ping[] = "<message from='a@b' to='muc.example'/>";
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;
	unsigned long long sent = 0, before;
	int stanzas;

	linkbed_attach(bed);
	peer_turn_for(peer, 5);
	before = peer->total;
	peer->deaf = true;
	while (!bed->congested) {
		for (int i = 0; i < 100; i++, sent++)
			linkbed_send(bed, "0123456789");
		peer_turn(peer);
		assert_true(sent < 1000000);
	}

	peer_turn_for(peer, 5);
	stanzas = bed->stanzas;
	for (int i = 0; i < 100; i++)
		peer_send(peer, ping);
	peer_turn_for(peer, 20);
	assert_int_equal(bed->stanzas, stanzas);

	peer->deaf = false;
	peer_wait(peer, &bed->congestions, 1);
	assert_false(bed->congested);
	while (bed->stanzas < 100)
		peer_wait(peer, &bed->stanzas, bed->stanzas);
	linkbed_send(bed, "the last one");
	peer_expect(peer, "the last one</body></message>");
	/* Each is 76 bytes, the last two more. */
	assert_int_equal(peer->total - before, (sent + 1) * 76 + 2);
	assert_int_equal(bed->congestions, 2);
	linkbed_assert_metric(bed, "annex_router_queue_bytes", "0");
}

/* A stanza makes us write more than the queue may hold: the rest of what was
   read with it waits. */
static void
on_flood(struct linkbed *bed)
{
	for (int i = 0; i < 20; i++)
		linkbed_send(bed, "an answer that is much longer than what "
				    "led to it, as in a room of many people");
}

static void
bounds_memory(void **state)
{
	struct linkbed *bed = *state;
	struct peer *peer = &bed->peer;
	struct str page = { 0 };
	const char *line;
	int answered = 0;

	linkbed_attach(bed);
	peer->deaf = true;
	for (int i = 0; i < 100000 && !bed->congested; i++) {
		peer_try_send(peer, "<presence from='a@b' to='c'/>", 29);
		peer_turn(peer);
		for (; answered < bed->stanzas; answered++)
			on_flood(bed);
	}
	assert_true(bed->congested);
	peer_turn_for(peer, 5);
	metrics_print(bed->metrics, &page);
	line = strstr(page.data, "\nannex_router_queue_bytes ");
	assert_non_null(line);
	/* One slice of input holds less than 300 of these presences. */
	assert_in_range(strtoul(line + 26, NULL, 10), LINKBED_QUEUE_BYTES / 2,
			LINKBED_QUEUE_BYTES + 300 * 20 * 140);
	str_fini(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINKBED_TEST(stops_reading_when_congested),
		LINKBED_TEST(bounds_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
