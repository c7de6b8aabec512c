/*
 * client.h - one session at a router's client port.
 *
 * Connects in clear text, makes its account (XEP-0077) unless it is there,
 * proves its password by PLAIN, binds a resource and says that it is
 * available.  Every stanza that comes then is read by expat.
 */
#ifndef T_BENCH_CLIENT_H
#define T_BENCH_CLIENT_H

#include <stddef.h>
#include <uv.h>

#include "shared/str.h"
#include "t/bench/element.h"

/* What is read at once. */
#define CLIENT_READ_BYTES 65536

struct client;

enum client_state {
	CLIENT_CONNECTING,
	CLIENT_GREETING,	/* until the router's features come */
	CLIENT_REGISTERING,	/* the account is asked for */
	CLIENT_PROVING,		/* the password is sent */
	CLIENT_RESTARTING,	/* until the features of the session come */
	CLIENT_BINDING,		/* the resource is asked for */
	CLIENT_OPEN,
};

struct client_owner {
	void (*open)(struct client *client, void *ctx);
	void (*stanza)(struct client *client, const struct element *el,
		       const char *text, size_t len, void *ctx);
	/* For good; why says what the router did. */
	void (*failed)(struct client *client, const char *why, void *ctx);
	void *ctx;
};

/* Embedded. */
struct client {
	uv_tcp_t tcp;
	uv_connect_t connect;
	enum client_state state;
	const struct client_owner *owner;
	char user[32], domain[128], jid[192];
	struct str in;
	XML_Parser expat;	/* shared by all, as is this */
	char *room;		/* CLIENT_READ_BYTES */
};

struct client_login {
	const char *domain;
	unsigned port;
	XML_Parser expat;
	char *room;
};

/* Begins; the user is "u0000001" when number is 1.  The login's domain is
   copied; the owner must live as long as the client. */
void client_start(struct client *client, uv_loop_t *loop,
		  const struct client_login *login, unsigned number,
		  const struct client_owner *owner);

/* Closes the connection without a word.  The memory is free when the loop has
   run. */
void client_stop(struct client *client);

void client_send(struct client *client, const char *text, size_t len);

#endif
