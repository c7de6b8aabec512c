#include "shared/section.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/control_socket.h"
#include "shared/error.h"
#include "shared/http.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"

#ifndef ANNEX_SCHEMADIR
#define ANNEX_SCHEMADIR "schema"
#endif

static const struct setting router_settings[] = {
	SETTING_FIXED(STRING, router_section, host, "127.0.0.1",
		      "The router's name or address."),
	{ .name = "port", .type = SETTING_UINT, .def = "5347",
	  .offset = SETTING_OFFSET(unsigned, router_section, port),
	  .min = 1, .max = 65535, .restart = true,
	  .help = "The port on which it takes components (XEP-0114)." },
	SETTING_FIXED(BOOL, router_section, insecure, "no",
		      "Whether the link, which is clear text, may leave this "
		      "machine."),
	{ .name = "stanza_bytes", .type = SETTING_BYTES, .def = "512K",
	  .offset = SETTING_OFFSET(size_t, router_section, stanza_bytes),
	  .min = 10000, .restart = true,
	  .help = "The largest stanza, either way, but for copies of "
		  "messages (4M); the router closes the link over one that "
		  "is larger than its own limit." },
	SETTING_FIXED(BYTES, router_section, queue_bytes, "16M",
		      "Output waiting for the router beyond which nothing "
		      "more is read from it."),
	SETTING_FIXED(LIST, router_section, hosts, "",
		      "The router's hosts whose module mod_annex is listened "
		      "to, and whose services are asked whether one sends "
		      "to many (XEP-0033); when empty, the component's own "
		      "domain without its first label."),
	{ .name = NULL }
};

static const struct setting store_settings[] = {
	{ .name = "url", .type = SETTING_SECRET, .def = "none",
	  .offset = SETTING_OFFSET(const char *, store_section, url),
	  .restart = true,
	  .help = "Where data are kept: \"postgresql://...\", "
		  "\"sqlite:PATH\", or \"none\" for memory alone." },
	SETTING_FIXED(SECS, store_section, read_timeout, "5s",
		      "How long to wait for the database before telling "
		      "people to try again."),
	SETTING_FIXED(BYTES, store_section, queue_bytes, "64M",
		      "Writes kept in memory while the database is away."),
	SETTING_FIXED(STRING, store_section, schema, ANNEX_SCHEMADIR,
		      "The folder of the migrations."),
	{ .name = NULL }
};

static const struct setting log_settings[] = {
	SETTING_CHOICE(log_section, level, "info",
		       "debug info warning error",
		       "The least important events to be logged."),
	SETTING_CHOICE(log_section, format, "text", "text json",
		       "How a line looks."),
	{ .name = NULL }
};

static const struct setting control_settings[] = {
	SETTING_FIXED(STRING, control_section, folder, "/run/annex",
		      "The folder of the sockets for annexctl, NAME.sock of "
		      "each component; empty for none."),
	SETTING_FIXED(STRING, control_section, mode, "0660",
		      "The mode of the socket: who may write to it may use "
		      "all commands."),
	{ .name = NULL }
};

void
section_list(const struct component *component,
	     struct setting_section sections_r[SECTION_COUNT])
{
	const struct setting_section sections[SECTION_COUNT] = {
		{ "router", router_settings, sizeof(struct router_section) },
		{ "store", store_settings, sizeof(struct store_section) },
		{ "log", log_settings, sizeof(struct log_section) },
		{ "control", control_settings,
		  sizeof(struct control_section) },
		{ component->name, component->settings,
		  component->settings_size },
		{ .name = NULL }
	};

	memcpy(sections_r, sections, sizeof(sections));
}

int
section_check_address(const char *text, bool domain, struct error *err)
{
	struct arena *arena = arena_new();
	const struct jid *jid;
	struct error why = { 0 };
	int ret = 0;

	if (jid_parsez(arena, text, &jid, &why) < 0)
		ret = error_set(err, ERROR_BAD_REQUEST,
				"'%s' is not an address: %s", text, why.text);
	else if (strcmp(jid->bare, text) != 0)
		ret = error_set(err, ERROR_BAD_REQUEST,
				"write '%s' instead of '%s'", jid->bare, text);
	else if (domain && *jid->local != '\0')
		ret = error_set(err, ERROR_BAD_REQUEST,
				"'%s' is not a domain", text);
	arena_free(&arena);
	return ret;
}

int
section_check_addresses(const char *const *list, bool domain,
			struct error *err)
{
	for (; *list != NULL; list++)
		if (section_check_address(*list, domain, err) < 0)
			return -1;
	return 0;
}

static int
check_own(const struct component *component,
	  const struct component_settings *settings, const char **which_r,
	  struct error *err)
{
	*which_r = "domain";
	if (section_check_address(settings->domain, true, err) < 0)
		return -1;
	*which_r = "secret";
	if (settings->secret[0] == '\0')
		return error_set(err, ERROR_BAD_REQUEST, "must not be empty");
	*which_r = "admins";
	if (section_check_addresses(settings->admins, false, err) < 0)
		return -1;
	*which_r = "monitor";
	if (settings->monitor[0] != '\0' &&
	    http_check(settings->monitor, err) < 0)
		return -1;
	return component->check ? component->check(settings, which_r, err) : 0;
}

static int
check_control(const struct component *component,
	      const struct settings *settings, const char **which_r,
	      struct error *err)
{
	const struct control_section *control =
		settings_section(settings, "control");
	struct str path = { 0 };
	mode_t mode;
	int ret;

	*which_r = "mode";
	if (control_socket_read_mode(control->mode, &mode, err) < 0)
		return -1;
	*which_r = "folder";
	if (control->folder[0] == '\0')
		return 0;
	section_add_socket(settings, component, &path);
	ret = control_socket_check_path(path.data, err);
	str_fini(&path);
	return ret;
}

static int
check_database(const struct component *component,
	       const struct store_section *store, struct error *err)
{
	if (component->durable && strcmp(store->url, "none") == 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "annex-%s needs a database, as what it "
				 "keeps must outlive it", component->name);
	return 0;
}

/* The setting at fault is which_r of section_r. */
static int
check(const struct component *component, const struct settings *settings,
      const char **section_r, const char **which_r, struct error *err)
{
	const struct router_section *router =
		settings_section(settings, "router");

	*section_r = "router";
	*which_r = "hosts";
	if (section_check_addresses(router->hosts, true, err) < 0)
		return -1;
	*section_r = "store";
	*which_r = "url";
	if (check_database(component, settings_section(settings, "store"),
			   err) < 0)
		return -1;
	*section_r = "control";
	if (check_control(component, settings, which_r, err) < 0)
		return -1;
	*section_r = component->name;
	return check_own(component,
			 settings_section(settings, component->name), which_r,
			 err);
}

int
section_load(const char *path, const struct component *component,
	     const struct setting_section *sections,
	     struct settings **settings_r, struct error *err)
{
	struct settings *settings;
	const char *name = NULL, *which = NULL;
	struct error why = { 0 };

	if (settings_load(path, sections, &settings, err) < 0)
		return -1;
	if (check(component, settings, &name, &which, &why) < 0) {
		error_set(err, why.cond, "%s: %s.%s: %s",
			  settings_where(settings, name, which), name, which,
			  why.text);
		settings_free(&settings);
		return -1;
	}
	*settings_r = settings;
	return 0;
}

void
section_add_socket(const struct settings *settings,
		   const struct component *component, struct str *path)
{
	const struct control_section *section =
		settings_section(settings, "control");

	str_addf(path, "%s/%s.sock", section->folder, component->name);
}

static enum log_level
find_level(const char *name)
{
	if (strcmp(name, "debug") == 0)
		return LOG_LEVEL_DEBUG;
	if (strcmp(name, "warning") == 0)
		return LOG_LEVEL_WARNING;
	return strcmp(name, "error") == 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
}

void
section_apply_log(const struct settings *settings, const char *program)
{
	const struct log_section *log = settings_section(settings, "log");

	log_configure(program, find_level(log->level),
		      strcmp(log->format, "json") == 0);
}
