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

static int
add_attrs(struct tree *tree, struct xml *el, const char **attrs,
	  struct error *err)
{
	struct xml_attr **at = &el->attrs, *attr;
	const char *ns, *name;

	for (; *attrs != NULL; attrs += 2) {
		if (count_node(tree, err) < 0)
			return -1;
		if (scope_is_declaration(attrs[0]))
			continue;
		if (scope_attr(&tree->scope, attrs[0], &ns, &name, err) < 0)
			return -1;
		attr = new_attr(tree, ns, name, attrs[1]);
		if (ns != NULL && check_foreign(el, attr, err) < 0)
			return -1;
		*at = attr;
		at = &attr->next;
	}
	return 0;
}

/* Text comes in pieces, and becomes one node when a tag ends it. */
static int
end_text(struct tree *tree, struct error *err)
{
	const struct str *text = &tree->text;

	if (text->len == 0)
		return 0;
	if (count_node(tree, err) < 0)
		return -1;
	xml_put_text(tree->arena, tree->el,
		     arena_dup(tree->arena, text->data, text->len));
	str_clear(&tree->text);
	return 0;
}

int
tree_open(struct tree *tree, unsigned depth, const char *written,
	  const char **attrs, struct error *err)
{
	const char *ns, *name;
	struct xml *el;

	if (end_text(tree, err) < 0 || count_node(tree, err) < 0 ||
	    scope_enter(&tree->scope, depth, attrs, err) < 0 ||
	    scope_element(&tree->scope, written, &ns, &name, err) < 0)
		return -1;
	el = xml_new(tree->arena, ns, arena_strdup(tree->arena, name));
	if (tree->el != NULL)
		xml_append(tree->el, el);
	else
		tree->root = el;
	tree->el = el;
	return add_attrs(tree, el, attrs, err);
}

void
tree_add_text(struct tree *tree, const char *text, size_t len)
{
	str_add(&tree->text, text, len);
}

int
tree_close(struct tree *tree, struct error *err)
{
	if (end_text(tree, err) < 0)
		return -1;
	tree->el = tree->el->parent;
	return 0;
}

void
tree_prune(struct tree *tree)
{
	struct xml *child = xml_child(tree->root, NULL, NULL);

	if (tree->root != NULL)
		tree->root->first = tree->root->last = child;
	if (child != NULL)
		child->first = child->last = child->next = NULL;
}
