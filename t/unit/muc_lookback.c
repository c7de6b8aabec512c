#include "components/muc/lookback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_entry.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/dispatch.h"
#include "shared/jid.h"
#include "shared/metric.h"
#include "shared/migrate.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/archivebed.h"
#include "t/lib/bed.h"
#include "t/lib/fake_router.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ROUNDS 6000	/* of 10 ms */

#define ANN "ann@a.example/1"	/* an owner */
#define BOB "bob@b.example/1"	/* nothing to the room, but inside */
#define CID "cid@c.example/1"	/* a member */
#define EVE "eve@e.example/1"	/* banned */
#define OUT "out@o.example/1"	/* nothing */

static const struct handler handlers[] = {
	{ IQ_GET, TO_BARE, NS_MAM, "query", muc_on_archive_form },
	{ IQ_SET, TO_BARE, NS_MAM, "query", muc_on_archive_query },
	{ IQ_GET, TO_BARE, NS_MAM, "metadata", muc_on_archive_ends },
	{ HANDLER_END, TO_ANY, NULL, NULL, NULL }
};

static const char *const nobody[] = { NULL };

static const struct component component = {
	.name = "muc", .handlers = handlers,
};

struct bed {
	struct database *db;
	char schema[256], journal[300];
	struct runtime runtime;
	struct muc_settings settings;
	struct muc muc;
	struct dispatch *dispatch;
	struct room *room;
	struct arena *arena;
	bool done;
};

static void
on_migrated(void *ctx, unsigned applied, const struct error *err)
{
	struct bed *bed = ctx;

	assert_null(err);
	assert_true(applied > 0);
	bed->done = true;
}

static void
add_tables(struct bed *bed)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%s/muc", bed->schema);
	migrate_run(bed->db->store, folder, "muc", false, on_migrated, bed);
	database_wait(bed->db, &bed->done);
	bed->done = false;
}

static int
on_owed(struct request *req, void *ctx, struct error *err)
{
	(void)req;
	(void)ctx;
	return error_set(err, ERROR_SERVICE_UNAVAILABLE, "nobody is asked");
}

static void
start(struct bed *bed)
{
	struct error err;

	bed->runtime.metrics = metrics_new();
	bed->runtime.router = fake_router_new("muc.example");
	bed->runtime.loop = &bed->db->loop;
	bed->runtime.store = bed->db->store;
	bed->runtime.domain = "muc.example";
	bed->runtime.schema = bed->schema;
	bed->settings.archive = "chosen";
	bed->muc.coverage = COVERAGE_CHOSEN;
	bed->settings.retract = "tombstone";
	bed->settings.journal = bed->journal;
	bed->settings.journal_bytes = 8 << 20;
	bed->settings.component.admins = nobody;
	bed->muc.runtime = &bed->runtime;
	bed->muc.settings = &bed->settings;
	options_init(&bed->muc.defaults);
	roomstore_init(&bed->muc.roomstore, &bed->muc);
	assert_int_equal(chronicle_new(&bed->runtime, &bed->settings,
				       &bed->muc.chronicle, &err), 0);
	bed->dispatch = dispatch_new(&bed->runtime, &component, on_owed, NULL);
	dispatch_open(bed->dispatch, &bed->muc);
}

static void
enter(struct bed *bed, const char *nick, const char *who, enum role role)
{
	const struct jid *jid;
	struct error err;
	struct session *session;

	assert_int_equal(jid_parsez(bed->arena, who, &jid, &err), 0);
	session = session_new(bed->room, nick, jid);
	session->occupant->role = role;
}

static void
fill(struct bed *bed)
{
	struct affiliate **affiliates;

	bed->room = room_new(&bed->muc, "r@muc.example", ROOM_OPEN);
	bed->room->created = 77;
	bed->room->options.persistentroom = true;
	bed->room->options.enablearchiving = true;
	affiliates = &bed->room->affiliates;
	affiliation_set(affiliates, "ann@a.example", AFFILIATION_OWNER, NULL);
	affiliation_set(affiliates, "cid@c.example", AFFILIATION_MEMBER, NULL);
	affiliation_set(affiliates, "eve@e.example", AFFILIATION_OUTCAST,
			NULL);
	enter(bed, "Bob", BOB, ROLE_PARTICIPANT);
}

static int
setup(void **state)
{
	const char *top = getenv("ANNEX_SRCDIR");
	struct bed *bed = calloc(1, sizeof(*bed));
	static unsigned made;

	assert_non_null(bed);
	bed->db = archivebed_new(DATABASE_SQLITE);
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema",
		 top != NULL ? top : ".");
	snprintf(bed->journal, sizeof(bed->journal), "%s/muc%u.journal",
		 database_folder(), ++made);
	bed->arena = arena_new();
	add_tables(bed);
	start(bed);
	fill(bed);
	*state = bed;
	return 0;
}

static void
on_stopped(void *ctx)
{
	struct bed *bed = ctx;

	bed->done = true;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	lookback_stop(&bed->muc);
	roomstore_stop(&bed->muc.roomstore);
	room_free(&bed->room);
	chronicle_stop(bed->muc.chronicle, on_stopped, bed);
	database_wait(bed->db, &bed->done);
	dispatch_close(bed->dispatch);
	database_close(bed->db, 1);
	assert_null(bed->muc.lookbacks);
	chronicle_free(&bed->muc.chronicle);
	quotas_fini(&bed->muc.quotas);
	roomstore_fini(&bed->muc.roomstore);
	options_fini(&bed->muc.defaults);
	dispatch_free(&bed->dispatch);
	database_run(bed->db, 10);
	database_free(&bed->db);
	metrics_free(&bed->runtime.metrics);
	fake_router_free(&bed->runtime.router);
	arena_free(&bed->arena);
	free(bed);
	return 0;
}

/* Two messages of this room, of Bob and of Cid, one of the room that had its
   name before, and one that is only to an address like it. */
static void
write_messages(struct bed *bed)
{
	static const struct archive_row rows[] = {
		{ .mark = { .serial = 256000000, .stamp = 1000000,
			    .uid = "u1", .ways = ARCHIVE_RECEIVED },
		  .type = ARCHIVE_GROUPCHAT, .sender = "bob@b.example",
		  .recipient = "r@muc.example/77", .resource = "1",
		  .to_resource = "Bob", .id = "m1", .body = "one" },
		{ .mark = { .serial = 512000000, .stamp = 2000000,
			    .uid = "u2", .ways = ARCHIVE_RECEIVED },
		  .type = ARCHIVE_GROUPCHAT, .sender = "cid@c.example",
		  .recipient = "r@muc.example/77", .resource = "1",
		  .to_resource = "Cid", .body = "two" },
		{ .mark = { .serial = 768000000, .stamp = 3000000,
			    .uid = "u3", .ways = ARCHIVE_RECEIVED },
		  .type = ARCHIVE_GROUPCHAT, .sender = "bob@b.example",
		  .recipient = "r@muc.example/76", .resource = "1",
		  .to_resource = "Bob", .body = "three" },
		{ .mark = { .serial = 1024000000, .stamp = 4000000,
			    .uid = "u4", .ways = ARCHIVE_SENT },
		  .type = ARCHIVE_CHAT, .sender = "bob@b.example",
		  .recipient = "r@muc.example", .resource = "1",
		  .to_resource = "Cid", .body = "four" },
	};

	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
}

/* What is sent until there is an answer to the IQ. */
static const char *
ask(struct bed *bed, const char *from, const char *type, const char *payload)
{
	struct arena *arena = arena_new();
	const char *sent = "";

	fake_router_forget(bed->runtime.router);
	dispatch_stanza(bed->dispatch, arena, bed_xml(arena, NS_CLIENT,
		arena_printf(bed->arena, "<iq from='%s' to='r@muc.example' "
			     "type='%s' id='q1'>%s</iq>", from, type,
			     payload)));
	for (int i = 0; i < ROUNDS; i++) {
		sent = fake_router_sent(bed->runtime.router);
		if (strstr(sent, "<iq ") != NULL)
			break;
		database_run(bed->db, 10);
	}
	return arena_strdup(bed->arena, sent);
}

#define QUERY(form) "<query xmlns='urn:xmpp:mam:2' queryid='f1'>" form \
	"</query>"
#define FORM(fields) "<x xmlns='jabber:x:data' type='submit'>" \
	"<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>" \
	fields "</x>"
#define WITH(jid) QUERY(FORM("<field var='with'><value>" jid \
			     "</value></field>"))

static void
assert_has(const char *sent, const char *text)
{
	if (strstr(sent, text) == NULL)
		assert_string_equal(sent, text);
}

static void
assert_lacks(const char *sent, const char *text)
{
	if (strstr(sent, text) != NULL)
		fail_msg("%s in %s", text, sent);
}

static void
shows_what_was_said_to_all(void **state)
{
	struct bed *bed = *state;
	const char *sent;

	write_messages(bed);
	sent = ask(bed, BOB, "set", QUERY(""));
	assert_has(sent, "<message from='r@muc.example' to='" BOB "'><result "
		   "xmlns='urn:xmpp:mam:2' queryid='f1' id='u1'><forwarded "
		   "xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
		   "stamp='1970-01-01T00:00:01Z'/><message xmlns="
		   "'jabber:client' from='r@muc.example/Bob' type='groupchat' "
		   "id='m1'><body>one</body>");
	assert_has(sent, occupant_find(bed->room, "Bob")->pseudonym);
	assert_has(sent, " id='u2'>");
	assert_has(sent, " from='r@muc.example/Cid' ");
	assert_has(sent, "<fin xmlns='urn:xmpp:mam:2' complete='true'>");
	assert_has(sent, "<first index='0'>u1</first><last>u2</last>");
	assert_true(strstr(sent, "u1'") < strstr(sent, "u2'") &&
		    strstr(sent, "u2'") < strstr(sent, "<iq "));
	assert_lacks(sent, "three");
	assert_lacks(sent, "four");
	assert_lacks(sent, "b.example/1</");
	assert_lacks(sent, "cid@c.example");
}

/* Who may enter, and who sees addresses, as the room is configured. */
static const struct {
	const char *who;
	bool membersonly, password, anyone;
	bool may, full;
} askers[] = {
	{ ANN, false, false, false, true, true },
	{ BOB, false, false, false, true, false },
	{ CID, false, false, false, true, false },
	{ OUT, false, false, false, true, false },
	{ EVE, false, false, false, false, false },
	{ OUT, false, false, true, true, true },
	{ EVE, false, false, true, false, false },
	{ OUT, true, false, false, false, false },
	{ BOB, true, false, false, false, false },
	{ CID, true, false, false, true, false },
	{ ANN, true, false, false, true, true },
	{ OUT, false, true, false, false, false },
	{ BOB, false, true, false, true, false },
	{ CID, false, true, false, true, false },
};

static void
asks_who_may_enter(void **state)
{
	struct bed *bed = *state;

	write_messages(bed);
	for (size_t i = 0; i < ARRAY_LEN(askers); i++) {
		struct options *options = &bed->room->options;
		const char *sent;

		options->membersonly = askers[i].membersonly;
		options->passwordprotectedroom = askers[i].password;
		options->whois = askers[i].anyone ? WHOIS_ANYONE :
						    WHOIS_MODERATORS;
		sent = ask(bed, askers[i].who, "set", QUERY(""));
		if ((strstr(sent, "<forbidden ") == NULL) != askers[i].may ||
		    (strstr(sent, "<body>one") != NULL) != askers[i].may)
			fail_msg("case %zu: %s", i, sent);
		if ((strstr(sent, "<x xmlns='http://jabber.org/protocol/"
			    "muc#user'><item jid='cid@c.example/1'/></x>") !=
		     NULL) != askers[i].full)
			fail_msg("case %zu: %s", i, sent);
	}
}

static void
shows_addresses_to_moderators(void **state)
{
	struct bed *bed = *state;

	write_messages(bed);
	occupant_find(bed->room, "Bob")->role = ROLE_MODERATOR;
	assert_has(ask(bed, BOB, "set", QUERY("")), "cid@c.example/1");
}

/* As of what was taken over: these may have been two people, or one. */
static void
makes_nobody_of_whom_it_does_not_know(void **state)
{
	static const struct archive_row row = {
		.mark = { .serial = 256000000, .stamp = 1000000, .uid = "u1",
			  .ways = ARCHIVE_RECEIVED },
		.type = ARCHIVE_GROUPCHAT, .sender = "r@muc.example",
		.recipient = "r@muc.example/77", .resource = "",
		.to_resource = "Dan", .body = "one",
	};
	struct bed *bed = *state;
	const char *sent;

	archivebed_write(bed->db, &row, 1);
	sent = ask(bed, ANN, "set", QUERY(""));
	assert_has(sent, " from='r@muc.example/Dan' ");
	assert_has(sent, "<body>one");
	assert_lacks(sent, "<occupant-id ");
	assert_lacks(sent, "<item ");
}

/* With whom, who asks, and what is found. */
static const struct {
	const char *who, *query;
	bool one, two;
} filters[] = {
	{ BOB, WITH("r@muc.example"), true, true },
	{ BOB, WITH("r@muc.example/Bob"), true, false },
	{ BOB, WITH("r@muc.example/Cid"), false, true },
	{ BOB, WITH("r@muc.example/77"), false, false },
	{ BOB, WITH("cid@c.example"), false, false },
	{ ANN, WITH("cid@c.example"), false, true },
	{ ANN, WITH("bob@b.example/1"), true, false },
	{ ANN, WITH("bob@b.example/2"), false, false },
};

static void
finds_who_said_it(void **state)
{
	struct bed *bed = *state;

	write_messages(bed);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		const char *sent = ask(bed, filters[i].who, "set",
				       filters[i].query);

		assert_has(sent, "type='result'");
		assert_has(sent, "complete='true'");
		if ((strstr(sent, ">one<") != NULL) != filters[i].one ||
		    (strstr(sent, ">two<") != NULL) != filters[i].two)
			fail_msg("case %zu: %s", i, sent);
	}
}

static void
tells_where_it_begins_and_ends(void **state)
{
	struct bed *bed = *state;

	write_messages(bed);
	assert_has(ask(bed, BOB, "get", "<metadata xmlns='urn:xmpp:mam:2'/>"),
		   "<start id='u1' timestamp='1970-01-01T00:00:01Z'/>"
		   "<end id='u2' timestamp='1970-01-01T00:00:02Z'/>");
	assert_has(ask(bed, BOB, "get", "<query xmlns='urn:xmpp:mam:2'/>"),
		   "var='before-id'");
	assert_has(ask(bed, EVE, "get", "<metadata xmlns='urn:xmpp:mam:2'/>"),
		   "<forbidden ");
}

static void
is_there_only_where_it_is_chosen(void **state)
{
	struct bed *bed = *state;
	struct xml *query = xml_new(bed->arena, NS_DISCO_INFO, "query");

	lookback_add_features(bed->room, bed->arena, query);
	assert_non_null(query->first);
	bed->room->options.enablearchiving = false;
	assert_has(ask(bed, ANN, "set", QUERY("")), "<service-unavailable ");
	query = xml_new(bed->arena, NS_DISCO_INFO, "query");
	lookback_add_features(bed->room, bed->arena, query);
	assert_null(query->first);
}

/* That what was said before is found, be it in the journal still. */
static void
waits_for_what_was_said(void **state)
{
	struct bed *bed = *state;
	struct request req = { .runtime = &bed->runtime,
			       .arena = bed->arena };
	struct xml *el = bed_xml(bed->arena, NS_CLIENT,
		"<message type='groupchat' from='" BOB "' "
		"to='r@muc.example'><body>now</body></message>");
	struct error err;

	assert_int_equal(stanza_parse(bed->arena, el, &req.stanza, &err), 0);
	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = bed->room, .stanza = &req.stanza, .nick = "Bob",
		.uid = "u9", .stamp = 5000000,
	});
	assert_has(ask(bed, BOB, "set", QUERY("")), "<body>now</body>");
}

static void
says_when_something_may_be_missing(void **state)
{
	struct bed *bed = *state;
	struct request req = { .runtime = &bed->runtime,
			       .arena = bed->arena };
	struct xml *el = bed_xml(bed->arena, NS_CLIENT,
		"<message type='groupchat' from='" BOB "' "
		"to='r@muc.example'><body>now</body></message>");
	struct error err;
	const char *sent;

	write_messages(bed);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	assert_int_equal(stanza_parse(bed->arena, el, &req.stanza, &err), 0);
	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = bed->room, .stanza = &req.stanza, .nick = "Bob",
		.uid = "u9", .stamp = 5000000,
	});
	sent = ask(bed, BOB, "set", QUERY(""));
	assert_has(sent, "stable='false'");
	assert_has(sent, "<body>one</body>");
}

static void
take_all(struct bed *bed, const char *who, enum quota_kind kind)
{
	struct error err;

	while (quota_take(&bed->muc, who, kind, &err) == 0)
		;
}

/* Each page costs the database something, however little is found. */
static void
is_asked_no_faster_than_allowed(void **state)
{
	struct bed *bed = *state;

	bed->settings.message_rate = 1;
	bed->settings.message_burst = 2;
	take_all(bed, "bob@b.example", QUOTA_MESSAGE);
	take_all(bed, "bob@b.example", QUOTA_LIST);
	assert_has(ask(bed, BOB, "set", QUERY("")), "type='result'");
	take_all(bed, "bob@b.example", QUOTA_PAGE);
	assert_has(ask(bed, BOB, "set", QUERY("")),
		   "<error type='wait'><resource-constraint ");
	take_all(bed, "bob@b.example", QUOTA_PAGE);
	assert_has(ask(bed, BOB, "get", "<metadata xmlns='urn:xmpp:mam:2'/>"),
		   "<error type='wait'><resource-constraint ");
	assert_has(ask(bed, CID, "set", QUERY("")), "type='result'");
}

static int
make_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(shows_what_was_said_to_all),
		TEST(asks_who_may_enter),
		TEST(shows_addresses_to_moderators),
		TEST(makes_nobody_of_whom_it_does_not_know),
		TEST(finds_who_said_it),
		TEST(tells_where_it_begins_and_ends),
		TEST(is_there_only_where_it_is_chosen),
		TEST(waits_for_what_was_said),
		TEST(says_when_something_may_be_missing),
		TEST(is_asked_no_faster_than_allowed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_lookback", tests, make_folder,
					   database_teardown);
}
