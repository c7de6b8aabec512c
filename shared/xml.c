#include "shared/xml.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

bool
xml_is(const struct xml *el, const char *ns, const char *name)
{
	return el != NULL && el->name != NULL &&
	       (name == NULL || str_same(el->name, name)) &&
	       (ns == NULL || str_same(el->ns, ns));
}

/* An attribute of another namespace is another attribute: what a peer writes
   as x:from is not its from. */
static bool
attr_is(const struct xml_attr *attr, const char *ns, const char *name)
{
	if (attr->ns == NULL || ns == NULL)
		return attr->ns == ns && str_same(attr->name, name);
	return str_same(attr->name, name) && str_same(attr->ns, ns);
}

static const char *
find_attr(const struct xml *el, const char *ns, const char *name)
{
	struct xml_attr *attr;

	if (el == NULL)
		return NULL;
	for (attr = el->attrs; attr != NULL; attr = attr->next) {
		if (attr_is(attr, ns, name))
			return attr->value;
	}
	return NULL;
}

const char *
xml_attr(const struct xml *el, const char *name)
{
	return find_attr(el, NULL, name);
}

const char *
xml_lang(const struct xml *el)
{
	return find_attr(el, XML_NS, "lang");
}

static struct xml *
first_match(struct xml *el, const char *ns, const char *name)
{
	while (el != NULL && !xml_is(el, ns, name))
		el = el->next;
	return el;
}

struct xml *
xml_child(const struct xml *el, const char *ns, const char *name)
{
	return el != NULL ? first_match(el->first, ns, name) : NULL;
}

struct xml *
xml_next(const struct xml *el, const char *ns, const char *name)
{
	return el != NULL ? first_match(el->next, ns, name) : NULL;
}

static size_t
text_len(const struct xml *el)
{
	size_t len = 0;

	for (struct xml *child = el->first; child != NULL;
	     child = child->next) {
		if (child->text != NULL)
			len += strlen(child->text);
	}
	return len;
}

const char *
xml_text(struct arena *arena, const struct xml *el)
{
	char *text, *end;

	if (el == NULL || el->first == NULL)
		return "";
	if (el->first == el->last && el->first->text != NULL)
		return arena_strdup(arena, el->first->text);

	end = text = arena_alloc(arena, text_len(el) + 1);
	for (struct xml *child = el->first; child != NULL;
	     child = child->next) {
		if (child->text != NULL)
			end = stpcpy(end, child->text);
	}
	return text;
}

const char *
xml_child_text(struct arena *arena, const struct xml *el, const char *ns,
	       const char *name)
{
	struct xml *child = xml_child(el, ns, name);

	return child != NULL ? xml_text(arena, child) : NULL;
}

struct xml *
xml_new(struct arena *arena, const char *ns, const char *name)
{
	struct xml *el = arena_alloc(arena, sizeof(*el));

	ensure(ns != NULL && name != NULL);
	el->ns = ns;
	el->name = name;
	return el;
}

struct xml *
xml_add(struct arena *arena, struct xml *parent, const char *ns,
	const char *name)
{
	struct xml *el = xml_new(arena, ns != NULL ? ns : parent->ns, name);

	xml_append(parent, el);
	return el;
}

struct xml *
xml_add_text(struct arena *arena, struct xml *parent, const char *ns,
	     const char *name, const char *text)
{
	struct xml *el = xml_add(arena, parent, ns, name);

	xml_put_text(arena, el, text);
	return el;
}

static struct xml *
set_attr(struct arena *arena, struct xml *el, const struct xml_attr *want)
{
	struct xml_attr **at = &el->attrs;

	while (*at != NULL && !attr_is(*at, want->ns, want->name))
		at = &(*at)->next;
	if (want->value == NULL) {
		if (*at != NULL)
			*at = (*at)->next;
		return el;
	}
	if (*at == NULL) {
		*at = arena_alloc(arena, sizeof(**at));
		**at = *want;
	}
	(*at)->value = want->value;
	return el;
}

struct xml *
xml_set(struct arena *arena, struct xml *el, const char *name,
	const char *value)
{
	struct xml_attr want = { .name = name, .value = value };

	return set_attr(arena, el, &want);
}

struct xml *
xml_set_lang(struct arena *arena, struct xml *el, const char *lang)
{
	struct xml_attr want = { .ns = XML_NS, .name = "lang",
				 .value = lang };

	return set_attr(arena, el, &want);
}

void
xml_put_text(struct arena *arena, struct xml *el, const char *text)
{
	struct xml *node;

	if (*text == '\0')
		return;
	node = arena_alloc(arena, sizeof(*node));
	node->text = text;
	xml_append(el, node);
}

void
xml_append(struct xml *parent, struct xml *child)
{
	ensure(child->parent == NULL && child != parent);
	child->parent = parent;
	child->next = NULL;
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

void
xml_remove(struct xml *child)
{
	struct xml *parent = child->parent, *before = NULL;
	struct xml **at;

	if (parent == NULL)
		return;
	for (at = &parent->first; *at != child; at = &(*at)->next)
		before = *at;
	*at = child->next;
	if (parent->last == child)
		parent->last = before;
	child->parent = child->next = NULL;
}

static void
copy_attrs(struct arena *arena, struct xml *to, const struct xml *el)
{
	struct xml_attr **at = &to->attrs;

	for (const struct xml_attr *attr = el->attrs; attr != NULL;
	     attr = attr->next, at = &(*at)->next) {
		*at = arena_alloc(arena, sizeof(**at));
		**at = *attr;
		(*at)->next = NULL;
		if (attr->ns != NULL)
			(*at)->ns = arena_strdup(arena, attr->ns);
		(*at)->name = arena_strdup(arena, attr->name);
		(*at)->value = arena_strdup(arena, attr->value);
	}
}

/* ns: a copy of the parent's, or NULL; most elements share it. */
static struct xml *
copy_node(struct arena *arena, const struct xml *el, const char *ns)
{
	struct xml *copy = arena_alloc(arena, sizeof(*copy));

	if (el->text != NULL) {
		copy->text = arena_strdup(arena, el->text);
		return copy;
	}
	copy->ns = ns != NULL && str_same(ns, el->ns) ? ns :
		   arena_strdup(arena, el->ns);
	copy->name = arena_strdup(arena, el->name);
	copy_attrs(arena, copy, el);
	for (struct xml *child = el->first; child != NULL;
	     child = child->next)
		xml_append(copy, copy_node(arena, child, copy->ns));
	return copy;
}

struct xml *
xml_copy(struct arena *arena, const struct xml *el)
{
	return copy_node(arena, el, NULL);
}
