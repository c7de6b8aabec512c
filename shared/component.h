/*
 * component.h - what every daemon is: a main, a link, a dispatch.
 *
 * A component declares itself in one constant and calls component_main().
 * All callbacks run on the loop's thread and never block.
 */
#ifndef SHARED_COMPONENT_H
#define SHARED_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "shared/setting.h"
#include "shared/stanza.h"

struct arena;
struct error;
struct jid;
struct metrics;
struct router;
struct store;
struct xml;

/* What a handler answers to: kind and type. */
enum handler_kind {
	HANDLER_END,
	PRESENCE,		/* available and unavailable */
	PRESENCE_ERROR,
	PRESENCE_SUBSCRIPTION,	/* subscribe, subscribed, probe, ... */
	MESSAGE,		/* normal and chat and headline */
	MESSAGE_GROUPCHAT,
	MESSAGE_ERROR,
	IQ_GET,
	IQ_SET,
	IQ_ANSWER,		/* results and errors nobody waits for */
};

/* Whom it was sent to: room@host/nick is FULL, room@host BARE, host HOST. */
enum handler_to {
	TO_ANY,
	TO_HOST,
	TO_BARE,
	TO_FULL,
};

struct runtime {
	uv_loop_t *loop;
	struct router *router;
	struct store *store;
	struct metrics *metrics;
	const char *domain;
};

/* One stanza on its way through the component. */
struct request {
	struct runtime *runtime;
	struct arena *arena;		/* goes when the request ends */
	struct stanza stanza;
	const struct jid *from, *to;	/* the stanza's */
	struct xml *payload;		/* the element its handler named; for an
					   IQ its child; or NULL */
};

/* Returns 0; or -1 with err, which the runtime sends back as a stanza error;
   or HANDLER_DECLINE to let the next fitting handler try; or REQUEST_PARKED
   when it keeps the request, to go on with it later. */
#define HANDLER_DECLINE	1
#define REQUEST_PARKED	2
typedef int handler_fn(struct request *req, void *ctx, struct error *err);

struct handler {
	enum handler_kind kind;
	enum handler_to to;
	const char *ns, *name;	/* of a child it must have; NULL: any */
	handler_fn *fn;
};

struct component {
	const char *name;	/* "muc": program annex-muc, section muc */
	const char *category, *type;	/* disco identity */
	const char *const *features;	/* beyond those every component has */
	const struct handler *handlers;	/* the first that fits is called */

	/* The first members of the settings struct are
	   struct component_settings, its first rows COMPONENT_SETTINGS. */
	const struct setting *settings;
	size_t settings_size;

	bool stored;		/* has tables in schema/NAME */

	/* May be NULL: refuses settings that make no sense, err->text saying
	   why and which_r the name of one.  What start and reload get has
	   been checked. */
	int (*check)(const void *settings, const char **which_r,
		     struct error *err);

	/* Called once the tables are ready and before the link is made.
	   settings live until stop or the next reload. */
	int (*start)(struct runtime *runtime, const void *settings,
		     void **ctx_r, struct error *err);
	void (*reload)(void *ctx, const void *settings);
	/* Leaves: what it sends is still delivered.  Calls
	   component_stopped() when it has nothing left to do. */
	void (*stop)(void *ctx);
	void (*free)(void *ctx);

	/* May be NULL: sees every request before the handlers do, and lets it
	   pass by returning 0. */
	handler_fn *admit;
	/* May be NULL: the link came up, or was lost. */
	void (*link)(void *ctx, bool up);
};

struct component_settings {
	const char *domain;
	const char *secret;
	const char *const *admins;
	const char *title;
};

#define COMPONENT_SETTINGS(strct, usual_title) \
	{ .name = "domain", .type = SETTING_STRING, .restart = true, \
	  .offset = SETTING_OFFSET(const char *, strct, component.domain), \
	  .help = "The domain the router knows this component by." }, \
	{ .name = "secret", .type = SETTING_SECRET, .restart = true, \
	  .offset = SETTING_OFFSET(const char *, strct, component.secret), \
	  .help = "The secret shared with the router (XEP-0114)." }, \
	{ .name = "admins", .type = SETTING_LIST, .def = "", \
	  .offset = SETTING_OFFSET(const char *const *, strct, \
				   component.admins), \
	  .help = "Addresses of those who administer the service; " \
		  "published as contacts (XEP-0157)." }, \
	{ .name = "title", .type = SETTING_STRING, .def = usual_title, \
	  .offset = SETTING_OFFSET(const char *, strct, component.title), \
	  .help = "The name of the service, for people." }

int component_main(const struct component *component, int argc, char **argv);

/* Says that stop has done all it had to. */
void component_stopped(struct runtime *runtime);

/* A parked request lives until one of these ends its waiting.  Resuming
   dispatches it to the handlers, without admit; finishing answers it with err,
   or with nothing when err is NULL.  Either may be called before the handler
   that parks it returns. */
void request_resume(struct request *req);
void request_finish(struct request *req, const struct error *err);

/* Answers an IQ.  payload may be NULL; one that is too large for the router
   becomes ERROR_RESOURCE_CONSTRAINT. */
void request_reply(struct request *req, struct xml *payload);

/* Sends a stanza with from and to.  One that is too large for the router is
   dropped, as router.h says: then -1 is returned, for those who have somebody
   to tell. */
int runtime_send(struct runtime *runtime, const struct xml *el);

#endif
