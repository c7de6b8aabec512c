/*
 * section.h - the sections that every component finds in its configuration.
 */
#ifndef SHARED_SECTION_H
#define SHARED_SECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/setting.h"

struct component;
struct error;
struct str;

struct router_section {
	const char *host;
	unsigned port;
	bool insecure;
	size_t stanza_bytes;
	size_t queue_bytes;
	const char *const *hosts;
};

struct store_section {
	const char *url;
	unsigned read_timeout;
	size_t queue_bytes;
	const char *schema;
};

struct log_section {
	const char *level;
	const char *format;
};

struct control_section {
	const char *folder;	/* "": no socket */
	const char *mode;	/* octal */
};

/* Those above, the component's own and the row that ends them. */
#define SECTION_COUNT 6

void section_list(const struct component *component,
		  struct setting_section sections_r[SECTION_COUNT]);

/* Loads the file, then checks what no table can say: that there can be a
   control socket, that the router's hosts are domains, that there is a
   database where the component needs one, that there is a secret,
   that the component's domain and administrators are addresses, that it can be
   monitored there, and what its check looks for.
   Returns 0, or -1 with err->text "file:line: reason". */
int section_load(const char *path, const struct component *component,
		 const struct setting_section *sections,
		 struct settings **settings_r, struct error *err);

/* Whether text is an address, or a domain, in the form that addresses are
   compared in: prepared, and bare.  Returns 0, or -1 with err->text why. */
int section_check_address(const char *text, bool domain, struct error *err);
/* The same of each in a list that ends with NULL. */
int section_check_addresses(const char *const *list, bool domain,
			    struct error *err);

/* Adds the path of the component's control socket. */
void section_add_socket(const struct settings *settings,
			const struct component *component, struct str *path);

/* Has the log written as section log says. */
void section_apply_log(const struct settings *settings, const char *program);

#endif
