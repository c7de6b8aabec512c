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

#include "shared/request.h"
#include "shared/setting.h"

struct call;
struct command;
struct error;
struct hook_use;
struct str;

struct component {
	const char *name;	/* "muc": program annex-muc, section muc */
	const char *category, *type;	/* disco identity */
	const char *const *features;	/* beyond those every component has */
	const struct handler *handlers;	/* the first that fits is called */

	/* The first members of the settings struct are
	   struct component_settings, its first rows COMPONENT_SETTINGS. */
	const struct setting *settings;
	size_t settings_size;

	/* What operators can ask of it, ended by one without name; NULL:
	   only what every component has. */
	const struct command *commands;
	/* May be NULL: adds to the status command what is its own, by
	   status_add(); once it has started. */
	void (*status)(void *ctx, struct call *call);

	/* May be NULL: adds a line, "it is away\n", for each thing without
	   which it does not do its work; once it has started. */
	void (*missing)(void *ctx, struct str *out);

	bool stored;		/* has tables in schema/NAME */
	/* May be NULL: whether with these settings, which have been checked,
	   it uses the tables in schema/archive, too. */
	bool (*archives)(const void *settings);
	bool durable;		/* keeps what must outlive it: store.url is not
				   to be "none" */

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
	/* May be NULL: the configuration was that and is this, right before
	   reload. */
	void (*revise)(void *ctx, const struct settings *was,
		       const struct settings *is);
	/* Leaves: what it sends is still delivered.  Calls
	   component_stopped() when it has nothing left to do. */
	void (*stop)(void *ctx);
	void (*free)(void *ctx);

	/* May be NULL: sees every request before the handlers do, and lets it
	   pass by returning 0. */
	handler_fn *admit;
	/* May be NULL: it has nothing to do with the shims inside the router.
	   What comes from those is seen before admit. */
	const struct hook_use *hooks;
	/* May be NULL: the link came up, or was lost. */
	void (*link)(void *ctx, bool up);
};

struct component_settings {
	const char *domain;
	const char *secret;
	const char *const *admins;
	const char *title;
	const char *monitor;	/* "": nowhere */
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
	  .help = "The name of the service, for people." }, \
	{ .name = "monitor", .type = SETTING_STRING, .def = "", \
	  .restart = true, \
	  .offset = SETTING_OFFSET(const char *, strct, component.monitor), \
	  .help = "Address and port that serve /metrics, /healthz and " \
		  "/readyz, as in \"127.0.0.1:5380\"; empty for none." }

int component_main(const struct component *component, int argc, char **argv);

/* Says that stop has done all it had to. */
void component_stopped(struct runtime *runtime);

#endif
