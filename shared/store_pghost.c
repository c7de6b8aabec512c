#include "shared/store_pghost.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shared/error.h"
#include "shared/str.h"

#define MAX_TARGETS 64
#define MAX_PARAMS 128

/* One address to try. */
struct target {
	char *host, *port;	/* as in the options */
	char *address;		/* "" for a socket in the file system */
};

struct store_pghost {
	uv_loop_t *loop;
	const PQconninfoOption *options;
	const char *host, *hostaddr, *port;	/* lists, or NULL */
	size_t named;				/* hosts in the lists */
	size_t next;				/* to be looked up */
	struct target targets[MAX_TARGETS];
	size_t count;
	uv_getaddrinfo_t lookup;
	void (*fn)(void *ctx, const char *why);
	void *ctx;
	char why[240];
	struct str lists[3];
	const char *keywords[MAX_PARAMS], *values[MAX_PARAMS];
};

static const char *
option(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword != NULL; options++) {
		if (strcmp(options->keyword, keyword) == 0)
			return options->val;
	}
	return NULL;
}

static size_t
list_count(const char *list)
{
	size_t n = 1;

	if (list == NULL || *list == '\0')
		return 0;
	for (; *list != '\0'; list++)
		n += *list == ',';
	return n;
}

/* A copy of the item at index; "" when there is none. */
static char *
list_dup(const char *list, size_t index)
{
	char *item;

	if (list == NULL)
		list = "";
	for (; index > 0; index--) {
		list += strcspn(list, ",");
		list += *list == ',';
	}
	ensure((item = strndup(list, strcspn(list, ","))) != NULL);
	return item;
}

struct store_pghost *
store_pghost_new(uv_loop_t *loop, const PQconninfoOption *options)
{
	struct store_pghost *hosts = calloc(1, sizeof(*hosts));

	ensure(hosts != NULL);
	hosts->loop = loop;
	hosts->options = options;
	hosts->host = option(options, "host");
	hosts->hostaddr = option(options, "hostaddr");
	hosts->port = option(options, "port");
	/* With addresses given there is nothing to look up. */
	hosts->named = list_count(hosts->hostaddr) > 0 ?
		       list_count(hosts->hostaddr) : list_count(hosts->host);
	hosts->lookup.data = hosts;
	return hosts;
}

static void
clear_targets(struct store_pghost *hosts)
{
	while (hosts->count > 0) {
		struct target *target = &hosts->targets[--hosts->count];

		free(target->host);
		free(target->port);
		free(target->address);
	}
}

/* More than fit are not tried. */
static void
add_target(struct store_pghost *hosts, size_t index, const char *address)
{
	struct target *target = &hosts->targets[hosts->count];
	bool one_port = list_count(hosts->port) == 1;

	if (hosts->count == MAX_TARGETS)
		return;
	hosts->count++;
	target->host = list_dup(hosts->host, index);
	target->port = list_dup(hosts->port, one_port ? 0 : index);
	ensure((target->address = strdup(address)) != NULL);
}

static void
add_found(struct store_pghost *hosts, size_t index, const struct addrinfo *ai)
{
	char text[INET6_ADDRSTRLEN + 1 + 16];

	for (; ai != NULL; ai = ai->ai_next) {
		/* With getnameinfo() a link-local address keeps its scope. */
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text,
				sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
			add_target(hosts, index, text);
	}
}

static void resolve_next(struct store_pghost *hosts);

static void
on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct store_pghost *hosts = lookup->data;
	size_t index = hosts->next++;

	if (status == 0) {
		add_found(hosts, index, found);
	} else {
		char *host = list_dup(hosts->host, index);

		snprintf(hosts->why, sizeof(hosts->why),
			 "cannot look up \"%s\": %s", host,
			 uv_strerror(status));
		free(host);
	}
	uv_freeaddrinfo(found);
	resolve_next(hosts);
}

/* Whether the host at index is a name.  "/" and "@" begin sockets. */
static bool
is_name(struct store_pghost *hosts, const char *host)
{
	return list_count(hosts->hostaddr) == 0 &&
	       *host != '\0' && *host != '/' && *host != '@';
}

static void
resolve_next(struct store_pghost *hosts)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int status = 0;

	while (hosts->next < hosts->named) {
		char *host = list_dup(hosts->host, hosts->next);
		bool name = is_name(hosts, host);
		char *address = list_dup(hosts->hostaddr, hosts->next);

		if (name)
			status = uv_getaddrinfo(hosts->loop, &hosts->lookup,
						on_found, host, NULL, &hints);
		else
			add_target(hosts, hosts->next, address);
		free(address);
		free(host);
		if (name && status == 0)
			return;
		if (name)
			snprintf(hosts->why, sizeof(hosts->why),
				 "cannot look up a host: %s",
				 uv_strerror(status));
		hosts->next++;
	}
	hosts->fn(hosts->ctx, hosts->count > 0 || hosts->named == 0 ?
		  NULL : hosts->why);
}

void
store_pghost_resolve(struct store_pghost *hosts,
		     void (*fn)(void *ctx, const char *why), void *ctx)
{
	clear_targets(hosts);
	hosts->next = 0;
	hosts->fn = fn;
	hosts->ctx = ctx;
	resolve_next(hosts);
}

static void
add_item(struct str *list, const char *item, bool first)
{
	if (!first)
		str_addc(list, ',');
	str_addz(list, item);
}

static void
fill_lists(struct store_pghost *hosts, unsigned first)
{
	for (size_t i = 0; i < 3; i++)
		str_clear(&hosts->lists[i]);
	for (size_t i = 0; i < hosts->count; i++) {
		const struct target *target =
			&hosts->targets[(first + i) % hosts->count];

		add_item(&hosts->lists[0], target->host, i == 0);
		add_item(&hosts->lists[1], target->address, i == 0);
		add_item(&hosts->lists[2], target->port, i == 0);
	}
}

static void
set_param(struct store_pghost *hosts, size_t *n, const char *keyword,
	  const char *value)
{
	ensure(*n < MAX_PARAMS - 1);
	hosts->keywords[*n] = keyword;
	hosts->values[*n] = value;
	(*n)++;
}

void
store_pghost_params(struct store_pghost *hosts, unsigned first,
		    const char *const *defaults,
		    const char *const **keywords_r,
		    const char *const **values_r)
{
	static const char *const names[] = { "host", "hostaddr", "port" };
	size_t n = 0;

	for (; *defaults != NULL; defaults += 2)
		set_param(hosts, &n, defaults[0], defaults[1]);
	/* Of two values for a keyword libpq takes the later. */
	for (const PQconninfoOption *o = hosts->options; o->keyword; o++) {
		if (o->val != NULL && *o->val != '\0')
			set_param(hosts, &n, o->keyword, o->val);
	}
	fill_lists(hosts, first);
	for (size_t i = 0; i < 3 && hosts->count > 0; i++)
		set_param(hosts, &n, names[i], hosts->lists[i].data);
	hosts->keywords[n] = hosts->values[n] = NULL;
	*keywords_r = hosts->keywords;
	*values_r = hosts->values;
}

void
store_pghost_free(struct store_pghost **hosts)
{
	if (*hosts == NULL)
		return;
	clear_targets(*hosts);
	for (size_t i = 0; i < 3; i++)
		str_fini(&(*hosts)->lists[i]);
	free(*hosts);
	*hosts = NULL;
}
