#include "shared/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "shared/router.h"
#include "t/lib/linkbed.h"

static void
takes_a_stream_byte_by_byte(void **state)
{
	static const char header[] = PEER_HEADER,
			  rest[] = "<handshake></handshake>"
				   "<presence from='a@b/c' to='r@x/n'/>";
	struct linkbed *bed = *state;

	router_start(bed->router);
	peer_accept(&bed->peer);
	for (size_t i = 0; header[i] != '\0'; i++) {
		peer_try_send(&bed->peer, header + i, 1);
		peer_turn(&bed->peer);
	}
	peer_expect(&bed->peer, PEER_DIGEST "</handshake>");
	for (size_t i = 0; rest[i] != '\0'; i++) {
		peer_try_send(&bed->peer, rest + i, 1);
		peer_turn(&bed->peer);
	}
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_int_equal(bed->ups, 1);
}

/* libstrophe would take the foreign attribute for the sender. */
static void
is_not_fooled_by_foreign_attributes(void **state)
{
	struct linkbed *bed = *state;

	linkbed_attach(bed);
	peer_send(&bed->peer, "<message xmlns:x='urn:x' "
				"x:from='owner@host' from='eve@host' "
				"to='r@muc.example'/>");
	peer_wait(&bed->peer, &bed->stanzas, 0);
	assert_non_null(strstr(bed->last.data, " from='eve@host'"));
}

static const struct {
	const char *sent;	/* in answer to our header */
	const char *why;
} refusals[] = {
	{ PEER_HEADER "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:"
		      "xmpp-streams'/></stream:error></stream:stream>",
	  "the router ended the stream: conflict" },
	{ PEER_HEADER "<stream:error><host-unknown xmlns='urn:ietf:params:"
		      "xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:"
		      "xml:ns:xmpp-streams'>Never heard of it</text>"
		      "</stream:error></stream:stream>",
	  "the router ended the stream: host-unknown (Never heard of it)" },
	{ PEER_HEADER "</stream:stream>", "the router ended the stream" },
	{ PEER_HEADER "<message/>",
	  "the router sent <message/> for its handshake" },
	{ PEER_HEADER "<handshake xmlns='urn:x'/>",
	  "the router sent <handshake/> for its handshake" },
	{ "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>"
	  "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-"
	  "streams'/></stream:error></stream:stream>",
	  "the router ended the stream: host-unknown" },
	{ "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
	  "xmlns='jabber:component:accept'><handshake/>",
	  "the router's handshake was not understood" },
	{ "<html><head>", "what answers is not a router's component port" },
	{ "HTTP/1.1 400 Bad Request\r\n\r\n",
	  "the router sent not XML: not well-formed (invalid token)" },
	{ "<!DOCTYPE x><stream>",
	  "the router sent a document type, which XMPP forbids" },
};

static void
says_why_a_stream_did_not_open(void **state)
{
	struct linkbed *bed = *state;

	router_start(bed->router);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		int downs = bed->downs;

		peer_accept(&bed->peer);
		peer_expect(&bed->peer, "<stream:stream");
		peer_send(&bed->peer, refusals[i].sent);
		peer_wait(&bed->peer, &bed->downs, downs);
		assert_string_equal(bed->why, refusals[i].why);
	}
	assert_int_equal(bed->ups, 0);
	linkbed_attach(bed);
}

static const struct {
	const char *sent, *answer, *why;
} faults[] = {
	{ "<message><body></message>",
	  "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-"
	  "streams'/></stream:error></stream:stream>",
	  "the router sent not XML: mismatched tag" },
	{ "<message><!-- --></message>", "<restricted-xml ",
	  "the router sent a comment, which XMPP forbids" },
	{ "<?php?>", "<restricted-xml ",
	  "the router sent a processing instruction, which XMPP forbids" },
	{ "<message><body>&x;", "<restricted-xml ",
	  "the router sent not XML: undefined entity" },
	{ "text", "<not-well-formed ",
	  "the router sent text between stanzas" },
};

static void
tells_the_router_what_is_wrong(void **state)
{
	struct linkbed *bed = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		int downs = bed->downs;

		linkbed_attach(bed);
		peer_send(&bed->peer, faults[i].sent);
		/* Unread, it must not cost the peer our last words. */
		peer_send(&bed->peer, "<message from='a@b' to='x'/>");
		peer_expect(&bed->peer, faults[i].answer);
		peer_expect_end(&bed->peer);
		peer_wait(&bed->peer, &bed->downs, downs);
		assert_string_equal(bed->why, faults[i].why);
	}
	assert_int_equal(bed->stanzas, 0);
	linkbed_attach(bed);
}

static void
gives_up_on_a_talkative_router(void **state)
{
	struct linkbed *bed = *state;

	router_start(bed->router);
	peer_accept(&bed->peer);
	peer_send(&bed->peer, PEER_HEADER);
	for (int i = 0; i < 10; i++)
		peer_send_long(&bed->peer, "<stream:features>",
			 "</stream:features>");
	peer_wait(&bed->peer, &bed->downs, 0);
	assert_int_equal(bed->ups, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINKBED_TEST(takes_a_stream_byte_by_byte),
		LINKBED_TEST(is_not_fooled_by_foreign_attributes),
		LINKBED_TEST(says_why_a_stream_did_not_open),
		LINKBED_TEST(tells_the_router_what_is_wrong),
		LINKBED_TEST(gives_up_on_a_talkative_router),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
