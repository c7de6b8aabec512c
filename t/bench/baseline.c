/*
 * Rooms as a component has them that is written straight down on libstrophe:
 * a stanza is copied, addressed and sent for each recipient.  It knows just
 * what the stub asks for.
 *
 *	baseline port domain
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <uthash.h>

#include "shared/error.h"

#define NS_MUC_USER "http://jabber.org/protocol/muc#user"

struct occupant {
	char *jid, *in_room;	/* "room@domain/nick" */
	struct occupant *next;
};

struct room {
	char *jid;
	struct occupant *occupants;
	UT_hash_handle hh;
};

struct baseline {
	xmpp_ctx_t *ctx;
	struct room *rooms;
};

static struct room *
find_room(struct baseline *baseline, const char *jid)
{
	char *bare = xmpp_jid_bare(baseline->ctx, jid);
	struct room *room;

	HASH_FIND_STR(baseline->rooms, bare, room);
	if (room == NULL) {
		room = calloc(1, sizeof(*room));
		ensure(room != NULL && (room->jid = strdup(bare)) != NULL);
		HASH_ADD_KEYPTR(hh, baseline->rooms, room->jid,
				strlen(room->jid), room);
	}
	xmpp_free(baseline->ctx, bare);
	return room;
}

/* XEP-0045 section 7.2.2; status 110 tells people it is about them. */
static void
send_presence(struct baseline *baseline, xmpp_conn_t *conn,
	      const struct occupant *of, const struct occupant *to)
{
	xmpp_stanza_t *presence = xmpp_presence_new(baseline->ctx);
	xmpp_stanza_t *x = xmpp_stanza_new(baseline->ctx);
	xmpp_stanza_t *status = xmpp_stanza_new(baseline->ctx);

	xmpp_stanza_set_from(presence, of->in_room);
	xmpp_stanza_set_to(presence, to->jid);
	xmpp_stanza_set_name(x, "x");
	xmpp_stanza_set_ns(x, NS_MUC_USER);
	if (of == to) {
		xmpp_stanza_set_name(status, "status");
		xmpp_stanza_set_attribute(status, "code", "110");
		xmpp_stanza_add_child(x, status);
	}
	xmpp_stanza_add_child(presence, x);
	xmpp_send(conn, presence);
	xmpp_stanza_release(status);
	xmpp_stanza_release(x);
	xmpp_stanza_release(presence);
}

static void
send_subject(struct baseline *baseline, xmpp_conn_t *conn,
	     const struct room *room, const struct occupant *to)
{
	xmpp_stanza_t *message = xmpp_message_new(baseline->ctx, "groupchat",
						  to->jid, NULL);
	xmpp_stanza_t *subject = xmpp_stanza_new(baseline->ctx);

	xmpp_stanza_set_from(message, room->jid);
	xmpp_stanza_set_name(subject, "subject");
	xmpp_stanza_add_child(message, subject);
	xmpp_send(conn, message);
	xmpp_stanza_release(subject);
	xmpp_stanza_release(message);
}

static int
on_presence(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *ctx)
{
	struct baseline *baseline = ctx;
	struct room *room = find_room(baseline, xmpp_stanza_get_to(stanza));
	struct occupant *who = calloc(1, sizeof(*who)), *other;

	ensure(who != NULL);
	who->jid = strdup(xmpp_stanza_get_from(stanza));
	who->in_room = strdup(xmpp_stanza_get_to(stanza));
	ensure(who->jid != NULL && who->in_room != NULL);
	for (other = room->occupants; other != NULL; other = other->next) {
		send_presence(baseline, conn, other, who);
		send_presence(baseline, conn, who, other);
	}
	send_presence(baseline, conn, who, who);
	send_subject(baseline, conn, room, who);
	who->next = room->occupants;
	room->occupants = who;
	return 1;
}

static int
on_message(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *ctx)
{
	struct baseline *baseline = ctx;
	struct room *room = find_room(baseline, xmpp_stanza_get_to(stanza));
	const char *from = xmpp_stanza_get_from(stanza);
	struct occupant *sender = room->occupants, *to;

	while (sender != NULL && strcmp(sender->jid, from) != 0)
		sender = sender->next;
	if (sender == NULL)
		return 1;
	for (to = room->occupants; to != NULL; to = to->next) {
		xmpp_stanza_t *copy = xmpp_stanza_copy(stanza);

		xmpp_stanza_set_from(copy, sender->in_room);
		xmpp_stanza_set_to(copy, to->jid);
		xmpp_send(conn, copy);
		xmpp_stanza_release(copy);
	}
	return 1;
}

static int
on_iq(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *ctx)
{
	struct baseline *baseline = ctx;
	xmpp_stanza_t *result = xmpp_iq_new(baseline->ctx, "result",
					    xmpp_stanza_get_id(stanza));

	xmpp_stanza_set_from(result, xmpp_stanza_get_to(stanza));
	xmpp_stanza_set_to(result, xmpp_stanza_get_from(stanza));
	xmpp_send(conn, result);
	xmpp_stanza_release(result);
	return 1;
}

static void
on_event(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
	 xmpp_stream_error_t *stream_error, void *ctx)
{
	struct baseline *baseline = ctx;

	(void)error, (void)stream_error;
	if (event != XMPP_CONN_CONNECT) {
		xmpp_stop(baseline->ctx);
		return;
	}
	xmpp_handler_add(conn, on_presence, NULL, "presence", NULL, ctx);
	xmpp_handler_add(conn, on_message, NULL, "message", NULL, ctx);
	xmpp_handler_add(conn, on_iq, NULL, "iq", NULL, ctx);
}

static int
refuse_socket(xmpp_conn_t *conn, void *socket)
{
	(void)conn, (void)socket;
	return -1;
}

int
main(int argc, char **argv)
{
	struct baseline baseline = { 0 };
	xmpp_conn_t *conn;

	if (argc != 3)
		return 2;
	xmpp_initialize();
	baseline.ctx = xmpp_ctx_new(NULL, NULL);
	conn = xmpp_conn_new(baseline.ctx);
	xmpp_conn_set_jid(conn, argv[2]);
	xmpp_conn_set_pass(conn, "any");
	/* Without it 0.12 crashes in component mode: shared/handshake.c. */
	xmpp_conn_set_sockopt_callback(conn, refuse_socket);
	xmpp_connect_client(conn, "127.0.0.1", 9, on_event, &baseline);
	xmpp_conn_set_sockopt_callback(conn, NULL);
	if (xmpp_connect_component(conn, "127.0.0.1",
				   (unsigned short)strtoul(argv[1], NULL, 10),
				   on_event, &baseline) != XMPP_EOK)
		return 1;
	xmpp_ctx_set_timeout(baseline.ctx, 1);
	xmpp_run(baseline.ctx);
	return 0;
}
