/*
 * entity.h - the answers that every entity owes whoever asks its host.
 *
 * What it is and has (XEP-0030, with contact addresses by XEP-0157), its
 * version (XEP-0092), ping (XEP-0199), time (XEP-0202), uptime (XEP-0012).
 */
#ifndef SHARED_ENTITY_H
#define SHARED_ENTITY_H

#include <stdint.h>

struct component;
struct component_settings;
struct error;
struct request;

struct entity {
	const struct component *component;
	const struct component_settings *settings; /* those in force */
	uint64_t started_ms;
};

/* Its uptime begins now. */
void entity_init(struct entity *entity, const struct component *component,
		 const struct component_settings *settings);

/* A handler of IQs to the host, ctx being the entity: answers one of type get,
   or declines. */
int entity_on_get(struct request *req, void *ctx, struct error *err);

#endif
