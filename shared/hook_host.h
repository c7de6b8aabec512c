/*
 * hook_host.h - a host of the router's, as its shim's hello describes it.
 */
#ifndef SHARED_HOOK_HOST_H
#define SHARED_HOOK_HOST_H

#include <stdbool.h>
#include <stddef.h>

struct str;
struct xml;

/* What a shim does for a component, one bit each. */
enum {
	HOOK_TAP = 1 << 0,
	HOOK_CHECK = 1 << 1,
	HOOK_STORE = 1 << 2,
	HOOK_PRESENCE = 1 << 3,
	HOOK_ROUTE = 1 << 4,
	HOOK_DELIVER = 1 << 5,
	HOOK_FANOUT = 1 << 6,
	HOOK_OVERLAY = 1 << 7,
	HOOK_ACT = 1 << 8,
	HOOK_DELEGATE = 1 << 9,
};

/* The first version of the protocol that knows <allow/>. */
#define HOOK_VERSION_ALLOW 1

struct hook_host {
	char *domain;
	bool up;		/* it has said hello since the link is up; all
				   below is what it said last */
	bool anew;		/* by another epoch than before: what its shim
				   kept in memory is lost */
	unsigned hellos;	/* so far */
	unsigned long heard;	/* events, so far: it is not just linked */
	char *epoch;		/* NULL before the first hello */
	char *router;		/* its name, for people */
	unsigned hooks;		/* HOOK_ bits */
	unsigned version;
	unsigned window;	/* taps without ack */
	unsigned credit;	/* fanouts without answer */
	size_t stanza_bytes;	/* SIZE_MAX: any */
};

void hook_host_init(struct hook_host *host, const char *domain);
void hook_host_fini(struct hook_host *host);

/* Takes what <hello/> says.  What is no number is as if it were absent. */
void hook_host_greet(struct hook_host *host, const struct xml *hello);

/* Whether it takes a stanza within a request or an answer: anything larger is
   not sent. */
bool hook_host_takes(const struct hook_host *host, const struct xml *stanza);

/* Adds the names of hooks, as in "tap, check". */
void hook_host_add_names(struct str *out, unsigned hooks);

#endif
