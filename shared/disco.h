/*
 * disco.h - what an entity is and has (XEP-0030, XEP-0128).
 */
#ifndef SHARED_DISCO_H
#define SHARED_DISCO_H

struct arena;
struct error;
struct xml;

/* For those that have no nodes: what to say of a query that names one.
   Returns 0, or -1 with ERROR_ITEM_NOT_FOUND (XEP-0030 section 7). */
int disco_check_no_node(const struct xml *query, struct error *err);

/* An empty <query/> in NS_DISCO_INFO or NS_DISCO_ITEMS; node may be NULL. */
struct xml *disco_query(struct arena *arena, const char *ns,
			const char *node);
/* name may be NULL. */
void disco_add_identity(struct arena *arena, struct xml *query,
			const char *category, const char *type,
			const char *name);
void disco_add_feature(struct arena *arena, struct xml *query,
		       const char *feature);
/* Adds a NULL-terminated list. */
void disco_add_features(struct arena *arena, struct xml *query,
			const char *const *features);
/* name and node may be NULL. */
void disco_add_item(struct arena *arena, struct xml *query, const char *jid,
		    const char *name, const char *node);

#endif
