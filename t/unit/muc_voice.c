#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define FIELD(name, value) \
	"<field var='" name "'><value>" value "</value></field>"
#define SEND(from, type, fields) \
	"<message from='" from "' to='r@muc.example' id='1'>" \
	"<x xmlns='jabber:x:data' type='" type "'>" \
	FIELD("FORM_TYPE", "http://jabber.org/protocol/muc#request") fields \
	"</x></message>"
#define ASK(from) SEND(from, "submit", FIELD("muc#role", "participant"))
#define APPROVE(from, nick, allow) \
	SEND(from, "submit", FIELD("muc#role", "participant") \
	     FIELD("muc#jid", "vis@v.example/1") \
	     FIELD("muc#roomnick", nick) FIELD("muc#request_allow", allow))

#define VIS "vis@v.example/1"

static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob");

	mucbed_add(room, "Vis", VIS, AFFILIATION_NONE, ROLE_VISITOR);
	return room;
}

/* Sections 7.13 and 8.6; whether the visitor has voice afterwards. */
static const struct {
	const char *stanza;
	const char *errors;
	enum role role;
} cases[] = {
	{ ASK(VIS), "", ROLE_VISITOR },
	{ ASK(BOB), " not-allowed", ROLE_VISITOR },
	{ ASK(OUT), " not-acceptable", ROLE_VISITOR },
	{ SEND(VIS, "submit", ""), " bad-request", ROLE_VISITOR },
	{ SEND(VIS, "submit", FIELD("muc#role", "moderator")), " bad-request",
	  ROLE_VISITOR },
	{ APPROVE(ANN, "Vis", "1"), "", ROLE_PARTICIPANT },
	{ APPROVE(ANN, "Vis", "true"), "", ROLE_PARTICIPANT },
	{ APPROVE(ANN, "Vis", "0"), "", ROLE_VISITOR },
	{ APPROVE(ANN, "Vis", "perhaps"), " bad-request", ROLE_VISITOR },
	/* It has another nick by now. */
	{ APPROVE(ANN, "Sil", "1"), "", ROLE_PARTICIPANT },
	{ APPROVE(BOB, "Vis", "1"), " forbidden", ROLE_VISITOR },
	{ APPROVE(VIS, "Vis", "1"), " forbidden", ROLE_VISITOR },
	{ APPROVE(OUT, "Vis", "1"), " not-acceptable", ROLE_VISITOR },
	{ SEND(ANN, "cancel", ""), "", ROLE_VISITOR },
	{ SEND(VIS, "form", ""), " bad-request", ROLE_VISITOR },
	{ SEND(ANN, "submit", FIELD("muc#role", "participant")
	       FIELD("muc#roomnick", "Gone") FIELD("muc#request_allow", "1")),
	  " item-not-found", ROLE_VISITOR },
};

static void
asks_or_grants(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);
		const char *errors = mucbed_errors(bed, cases[i].stanza);

		if (strcmp(errors, cases[i].errors) != 0)
			fail_msg("%s:%s", cases[i].stanza, errors);
		assert_int_equal(occupant_find(room, "Vis")->role,
				 cases[i].role);
		room_free(&room);
	}
}

/* Moderators alone get the form. */
static void
asks_moderators(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	sent = mucbed_receive(bed, ASK(VIS));
	assert_ptr_equal(strstr(sent, "<message from='r@muc.example' id='1' "
				"to='" ANN "'><x xmlns='jabber:x:data' "
				"type='form'>"), sent);
	assert_null(strchr(strchr(sent, '\n') + 1, '\n'));
	assert_non_null(strstr(sent, "<field type='hidden' var='FORM_TYPE'>"
			       "<value>http://jabber.org/protocol/muc#request"
			       "</value></field>"));
	assert_non_null(strstr(sent, "var='muc#jid' label='User ID'><value>"
			       VIS "</value></field>"));
	assert_non_null(strstr(sent, "var='muc#roomnick' "
			       "label='Room nickname'><value>Vis</value>"
			       "</field>"));
	assert_non_null(strstr(sent, "<field type='boolean' "
			       "var='muc#request_allow' "));
}

/* As when a moderator grants voice (8.3). */
static void
tells_all_who_has_voice(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define HAS_VOICE(to, jid, self) \
	"<presence from='r@muc.example/Vis' to='" to "'>" \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item affiliation='none' role='participant'" jid "><actor " \
	"nick='Ann'/></item>" self "</x></presence>\n"
	assert_string_equal(mucbed_receive(bed, APPROVE(ANN, "Vis", "1")),
		HAS_VOICE(VIS, " jid='" VIS "'", "<status code='110'/>")
		HAS_VOICE(ANN, " jid='" VIS "'", "")
		HAS_VOICE(BOB, "", ""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(asks_or_grants),
		TEST(asks_moderators),
		TEST(tells_all_who_has_voice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_voice", tests, NULL, NULL);
}
