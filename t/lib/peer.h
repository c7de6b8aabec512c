/*
 * peer.h - a router that does what the test says, byte by byte.
 *
 * It listens on 127.0.0.1 and serves one connection at a time.  Whoever waits
 * for something turns the loop meanwhile, and fails the test when it does not
 * come within five seconds.
 */
#ifndef T_LIB_PEER_H
#define T_LIB_PEER_H

#include <stdbool.h>
#include <uv.h>

#include "shared/str.h"

struct peer {
	uv_loop_t *loop;
	int listener, fd;	/* fd -1: no connection */
	unsigned port;
	bool deaf;		/* does not read */
	bool ended;		/* the other side has closed */
	struct str got;		/* since the last expectation */
	unsigned long long total;	/* bytes read on this connection */
};

void peer_init(struct peer *peer, uv_loop_t *loop);
void peer_fini(struct peer *peer);
/* Ends the connection, and listens on another address of this machine. */
void peer_move(struct peer *peer, const char *address);

/* Turns the loop once, reading what has come. */
void peer_turn(struct peer *peer);
void peer_turn_for(struct peer *peer, unsigned ms);
/* Turns until *flag is no longer was. */
void peer_wait(struct peer *peer, const int *flag, int was);

/* Waits for a connection, which takes the place of the one before. */
void peer_accept(struct peer *peer);
/* The same, and plays the router's part until the stream is open. */
void peer_open(struct peer *peer);

/* Waits until text has come, and forgets what came up to its end. */
void peer_expect(struct peer *peer, const char *text);
void peer_expect_end(struct peer *peer);

/* Waits for an IQ of type get, and says its id. */
#define PEER_ID_SIZE 25
void peer_expect_id(struct peer *peer, char id[PEER_ID_SIZE]);
/* Sends an empty IQ to the component. */
void peer_answer(struct peer *peer, const char *from, const char *type,
		 const char *id);

void peer_send(struct peer *peer, const char *text);
/* With some ten thousand letters in between. */
void peer_send_long(struct peer *peer, const char *head, const char *tail);
/* As much as goes without waiting; returns how much. */
size_t peer_try_send(struct peer *peer, const char *text, size_t len);

void peer_hang_up(struct peer *peer);
void peer_reset(struct peer *peer);

/* How many descriptors this process has, to see that none is lost. */
int peer_count_fds(void);

/* The header with the id "s1", and what libstrophe must answer when the
   secret is "secret": SHA-1 of "s1secret". */
#define PEER_HEADER \
	"<?xml version='1.0'?><stream:stream " \
	"xmlns='jabber:component:accept' " \
	"xmlns:stream='http://etherx.jabber.org/streams' " \
	"from='muc.example' id='s1'>"
#define PEER_DIGEST "3d1121b21f6287dc58010ebe9a95fa84ee2483d4"

#endif
