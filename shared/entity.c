#include "shared/entity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define NS_PER_MS 1000000

static const char *const features[] = {
	NS_COMMANDS, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_LAST, NS_PING, NS_TIME,
	NS_VERSION, NULL
};

void
entity_init(struct entity *entity, const struct component *component,
	    const struct component_settings *settings)
{
	entity->component = component;
	entity->settings = settings;
	entity->started_ms = uv_hrtime() / NS_PER_MS;
}

/* RFC 5122 section 2.2: what a node identifier may hold as it is; the rest of
   an address needs no more. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~!$()*+,;=@:[]", c) != NULL);
}

static const char *
xmpp_uri(struct arena *arena, const char *address)
{
	static const char hex[] = "0123456789ABCDEF";
	char *uri = arena_alloc(arena, 5 + 3 * strlen(address) + 1);
	char *at = uri + 5;

	memcpy(uri, "xmpp:", 5);
	for (; *address != '\0'; address++) {
		unsigned char c = (unsigned char)*address;

		if (is_plain(*address)) {
			*at++ = *address;
			continue;
		}
		*at++ = '%';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	return uri;
}

/* XEP-0157 section 3. */
static void
add_contacts(struct arena *arena, struct xml *query,
	     const char *const *admins)
{
	struct xml *form, *field;

	if (admins[0] == NULL)
		return;
	form = form_new(arena, "result", NS_SERVERINFO);
	field = form_add(arena, form, "list-multi", "admin-addresses", NULL);
	for (; *admins != NULL; admins++)
		form_add_value(arena, field, xmpp_uri(arena, *admins));
	xml_append(query, form);
}

static int
on_info(struct request *req, struct entity *entity, struct error *err)
{
	const struct component *component = entity->component;
	const char *const *own = component->features;
	struct xml *query;

	if (disco_check_no_node(req->payload, err) < 0)
		return -1;
	query = disco_query(req->arena, NS_DISCO_INFO, NULL);
	disco_add_identity(req->arena, query, component->category,
			   component->type, entity->settings->title);
	disco_add_features(req->arena, query, features);
	/* XEP-0115 section 5.4: twice the same feature is ill-formed. */
	for (; own != NULL && *own != NULL; own++)
		if (!str_is_one_of(*own, features))
			disco_add_feature(req->arena, query, *own);
	add_contacts(req->arena, query, entity->settings->admins);
	request_reply(req, query);
	return 0;
}

static int
on_items(struct request *req, struct entity *entity, struct error *err)
{
	(void)entity;
	if (disco_check_no_node(req->payload, err) < 0)
		return -1;
	request_reply(req, disco_query(req->arena, NS_DISCO_ITEMS, NULL));
	return 0;
}

static int
on_version(struct request *req, struct entity *entity, struct error *err)
{
	struct xml *query = xml_new(req->arena, NS_VERSION, "query");

	(void)err;
	xml_add_text(req->arena, query, NULL, "name",
		     arena_printf(req->arena, "annex-%s",
				  entity->component->name));
	xml_add_text(req->arena, query, NULL, "version", PACKAGE_VERSION);
	request_reply(req, query);
	return 0;
}

static int
on_ping(struct request *req, struct entity *entity, struct error *err)
{
	(void)entity;
	(void)err;
	request_reply(req, NULL);
	return 0;
}

static int
on_time(struct request *req, struct entity *entity, struct error *err)
{
	struct xml *el = xml_new(req->arena, NS_TIME, "time");
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	(void)entity;
	(void)err;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &tm));
	xml_add_text(req->arena, el, NULL, "tzo", "+00:00");
	xml_add_text(req->arena, el, NULL, "utc",
		     arena_strdup(req->arena, text));
	request_reply(req, el);
	return 0;
}

/* XEP-0012 section 4: of a host it is the uptime. */
static int
on_last(struct request *req, struct entity *entity, struct error *err)
{
	struct xml *query = xml_new(req->arena, NS_LAST, "query");
	uint64_t up_ms = uv_hrtime() / NS_PER_MS - entity->started_ms;

	(void)err;
	xml_set(req->arena, query, "seconds",
		arena_printf(req->arena, "%" PRIu64, up_ms / 1000));
	request_reply(req, query);
	return 0;
}

int
entity_on_get(struct request *req, void *ctx, struct error *err)
{
	static const struct {
		const char *ns, *name;
		int (*fn)(struct request *req, struct entity *entity,
			  struct error *err);
	} answers[] = {
		{ NS_DISCO_INFO, "query", on_info },
		{ NS_DISCO_ITEMS, "query", on_items },
		{ NS_VERSION, "query", on_version },
		{ NS_PING, "ping", on_ping },
		{ NS_TIME, "time", on_time },
		{ NS_LAST, "query", on_last },
	};

	if (strcmp(req->stanza.type, "get") != 0)
		return HANDLER_DECLINE;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (xml_is(req->payload, answers[i].ns, answers[i].name))
			return answers[i].fn(req, ctx, err);
	return HANDLER_DECLINE;
}
