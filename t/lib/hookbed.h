/*
 * hookbed.h - a component without a router: whole stanzas in, through dispatch
 * and the hooks, whole stanzas out.
 *
 * It is "comp.example", and listens to the shims of "example" and, when the
 * test says so, of others.
 */
#ifndef T_LIB_HOOKBED_H
#define T_LIB_HOOKBED_H

#include <uv.h>

#include "shared/component.h"
#include "shared/hook.h"
#include "t/lib/fake_router.h"

struct dispatch;
struct fanout;

struct hookbed {
	uv_loop_t loop;
	struct component component;
	struct runtime runtime;
	struct dispatch *dispatch;
	struct arena *arena;	/* for the test's own */
};

/* hosts may be NULL.  use gets the bed for its ctx. */
struct hookbed *hookbed_new(const struct hook_use *use,
			    const char *const *hosts);
void hookbed_free(struct hookbed **bed);

/* Lets the component have one stanza. */
void hookbed_take(struct hookbed *bed, struct arena *arena, struct xml *el);
/* The same from text.  Returns what was sent, as fake_router_sent() does. */
const char *hookbed_receive(struct hookbed *bed, const char *stanza);
/* What was sent since this was called last. */
const char *hookbed_sent(struct hookbed *bed);
/* fanout_describe(). */
const char *hookbed_way(struct hookbed *bed, const struct fanout *fanout);
/* A hello from "example", with attributes besides those it needs. */
void hookbed_greet(struct hookbed *bed, const char *attributes);

struct xml *hookbed_xml(struct hookbed *bed, const char *text);

/* How often that stands in a text. */
unsigned hookbed_count(const char *text, const char *what);

#endif
