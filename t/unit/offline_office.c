#include "components/offline/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/log.h"
#include "t/lib/capture.h"
#include "t/lib/offlinebed.h"

static void
says_when_requests_go_elsewhere(void **state)
{
	static const char refusal[] =
		"<iq type='error' id='%.*s' from='example' to='comp.example'>"
		"<error type='cancel'><conflict "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
	static struct capture capture;
	struct offlinebed *bed = *state;
	const char *sent, *of;

	sent = hookbed_receive(bed->hooks, "<message from='example' "
			       "to='comp.example'><hello "
			       "xmlns='urn:x-annex:0' hooks='delegate'/>"
			       "</message>");
	of = strstr(sent, " id='");
	assert_non_null(strstr(sent, "<delegate "));
	assert_non_null(of);
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&capture);
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, refusal, (int)strcspn(of + 5, "'"),
		of + 5));
	capture_end(&capture);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_non_null(strstr(capture.err, "offline messages answered"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			says_when_requests_go_elsewhere, offlinebed_setup,
			offlinebed_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_office", tests, NULL,
					   NULL);
}
