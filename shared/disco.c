#include "shared/disco.h"

#include <stddef.h>

#include "shared/error.h"
#include "shared/xml.h"

int
disco_check_no_node(const struct xml *query, struct error *err)
{
	const char *node = xml_attr(query, "node");

	if (node == NULL || *node == '\0')
		return 0;
	return error_set(err, ERROR_ITEM_NOT_FOUND, "there is no such node");
}

struct xml *
disco_query(struct arena *arena, const char *ns, const char *node)
{
	return xml_set(arena, xml_new(arena, ns, "query"), "node", node);
}

void
disco_add_identity(struct arena *arena, struct xml *query,
		   const char *category, const char *type, const char *name)
{
	struct xml *identity = xml_add(arena, query, NULL, "identity");

	xml_set(arena, identity, "category", category);
	xml_set(arena, identity, "type", type);
	xml_set(arena, identity, "name", name);
}

void
disco_add_feature(struct arena *arena, struct xml *query, const char *feature)
{
	xml_set(arena, xml_add(arena, query, NULL, "feature"), "var", feature);
}

void
disco_add_features(struct arena *arena, struct xml *query,
		   const char *const *features)
{
	for (; *features != NULL; features++)
		disco_add_feature(arena, query, *features);
}

void
disco_add_item(struct arena *arena, struct xml *query, const char *jid,
	       const char *name, const char *node)
{
	struct xml *item = xml_add(arena, query, NULL, "item");

	xml_set(arena, item, "jid", jid);
	xml_set(arena, item, "name", name);
	xml_set(arena, item, "node", node);
}
