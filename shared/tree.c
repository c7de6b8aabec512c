#include "shared/tree.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/xml.h"

/* Attributes with a prefix in one element, which are compared with each
   other. */
#define FOREIGN_MAX 64

/* Storage for text beyond this is not kept for the next tree. */
#define TEXT_KEEP_BYTES 65536

void
tree_fini(struct tree *tree)
{
	str_fini(&tree->text);
}

void
tree_begin(struct tree *tree, struct arena *arena)
{
	if (tree->text.size > TEXT_KEEP_BYTES)
		str_fini(&tree->text);
	str_clear(&tree->text);
	tree->arena = arena;
	tree->root = tree->el = NULL;
	tree->nodes = 0;
	scope_set_arena(&tree->scope, arena);
}

static int
count_node(struct tree *tree, struct error *err)
{
	if (tree->nodes >= tree->max_nodes)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "more than %u elements, attributes and "
				 "texts", tree->max_nodes);
	tree->nodes++;
	return 0;
}

/* Two prefixes may stand for one namespace (Namespaces in XML 1.0
   section 6.3); expat has compared the names as they are written. */
static int
check_foreign(const struct xml *el, const struct xml_attr *attr,
	      struct error *err)
{
	unsigned count = 1;

	for (const struct xml_attr *other = el->attrs; other != NULL;
	     other = other->next) {
		if (other->ns == NULL)
			continue;
		if (++count > FOREIGN_MAX)
			return error_set(err, ERROR_POLICY_VIOLATION,
					 "more than %d attributes with a "
					 "prefix", FOREIGN_MAX);
		if (strcmp(other->name, attr->name) == 0 &&
		    strcmp(other->ns, attr->ns) == 0)
			return error_set(err, ERROR_BAD_REQUEST,
					 "an attribute twice");
	}
	return 0;
}

/* One allocation holds it with its name and value. */
static struct xml_attr *
new_attr(struct tree *tree, const char *ns, const char *name,
	 const char *value)
{
	size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;
	struct xml_attr *attr = arena_alloc(tree->arena,
					    sizeof(*attr) + name_size +
					    value_size);
	char *text = (char *)(attr + 1);

	attr->ns = ns;
	attr->name = memcpy(text, name, name_size);
	attr->value = memcpy(text + name_size, value, value_size);
	return attr;
}

/* NULL when it is at fault. */
static struct xml_attr *
make_attr(struct tree *tree, const struct xml *el, const char **written,
	  struct error *err)
{
	struct xml_attr *attr;
	const char *ns, *name;

	if (scope_attr(&tree->scope, written[0], &ns, &name, err) < 0)
		return NULL;
	attr = new_attr(tree, ns, name, written[1]);
	return ns != NULL && check_foreign(el, attr, err) < 0 ? NULL : attr;
}

/* After a fault, those that have no prefix: they have none, and looking for
   one in each of many would take long. */
static int
add_attrs(struct tree *tree, struct xml *el, const char **attrs,
	  struct error *err)
{
	struct xml_attr **at = &el->attrs;
	int ret = 0;

	for (; *attrs != NULL; attrs += 2) {
		if (count_node(tree, err) < 0)
			return -1;
		if (scope_is_declaration(attrs[0]) ||
		    (ret < 0 && strchr(attrs[0], ':') != NULL))
			continue;
		*at = make_attr(tree, el, attrs, err);
		if (*at != NULL)
			at = &(*at)->next;
		else
			ret = -1;
	}
	return ret;
}

/* Text comes in pieces, and becomes one node when a tag ends it. */
int
tree_end_text(struct tree *tree, struct error *err)
{
	const struct str *text = &tree->text;
	int ret;

	if (text->len == 0)
		return 0;
	ret = count_node(tree, err);
	if (ret == 0)
		xml_put_text(tree->arena, tree->el,
			     arena_dup(tree->arena, text->data, text->len));
	str_clear(&tree->text);
	return ret;
}

int
tree_open(struct tree *tree, unsigned depth, const char *written,
	  const char **attrs, struct error *err)
{
	const char *ns, *name;
	struct xml *el;
	int ret;

	if (tree_end_text(tree, err) < 0 || count_node(tree, err) < 0)
		return -1;
	ret = scope_enter(&tree->scope, depth, attrs, err);
	if (ret < 0 ||
	    scope_element(&tree->scope, written, &ns, &name, err) < 0)
		return -1;
	el = xml_new(tree->arena, ns, arena_strdup(tree->arena, name));
	if (tree->el != NULL)
		xml_append(tree->el, el);
	else
		tree->root = el;
	tree->el = el;
	return add_attrs(tree, el, attrs, err) < 0 ? 1 : ret;
}

void
tree_add_text(struct tree *tree, const char *text, size_t len)
{
	str_add(&tree->text, text, len);
}

int
tree_close(struct tree *tree, struct error *err)
{
	int ret = tree_end_text(tree, err);

	tree->el = tree->el->parent;
	return ret;
}
