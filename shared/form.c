#include "shared/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* XEP-0068 section 3.1: the field that says what the others mean. */
#define FORM_TYPE "FORM_TYPE"

struct xml *
form_new(struct arena *arena, const char *type, const char *form_type)
{
	struct xml *form = xml_new(arena, NS_DATA, "x");

	xml_set(arena, form, "type", type);
	if (form_type != NULL)
		form_add_value(arena, form_add(arena, form, "hidden",
					       FORM_TYPE, NULL), form_type);
	return form;
}

static size_t
count_children(const struct xml *el, const char *name)
{
	const struct xml *child = xml_child(el, NS_DATA, name);
	size_t count = 0;

	for (; child != NULL; child = xml_next(child, NS_DATA, name))
		count++;
	return count;
}

/* Headings stand before all fields (XEP-0004 section 10), and FORM_TYPE is
   one already. */
static void
add_heading(struct arena *arena, struct xml *form, const char *name,
	    const char *text)
{
	struct xml *field;

	xml_add_text(arena, form, NULL, name, text);
	for (size_t left = count_children(form, "field"); left > 0; left--) {
		field = xml_child(form, NS_DATA, "field");
		xml_remove(field);
		xml_append(form, field);
	}
}

void
form_add_title(struct arena *arena, struct xml *form, const char *title)
{
	add_heading(arena, form, "title", title);
}

void
form_add_instructions(struct arena *arena, struct xml *form, const char *text)
{
	add_heading(arena, form, "instructions", text);
}

struct xml *
form_add(struct arena *arena, struct xml *form, const char *type,
	 const char *var, const char *label)
{
	struct xml *field = xml_add(arena, form, NULL, "field");

	xml_set(arena, field, "type", type);
	xml_set(arena, field, "var", var);
	return xml_set(arena, field, "label", label);
}

void
form_add_value(struct arena *arena, struct xml *field, const char *value)
{
	xml_add_text(arena, field, NULL, "value", value);
}

void
form_add_bool(struct arena *arena, struct xml *field, bool value)
{
	form_add_value(arena, field, value ? "1" : "0");
}

void
form_add_option(struct arena *arena, struct xml *field, const char *label,
		const char *value)
{
	struct xml *option = xml_add(arena, field, NULL, "option");

	xml_set(arena, option, "label", label);
	form_add_value(arena, option, value);
}

void
form_set_required(struct arena *arena, struct xml *field)
{
	xml_add(arena, field, NULL, "required");
}

static int
read_type(const struct xml *el, const char **type_r, struct error *err)
{
	static const char *const types[] = {
		"cancel", "form", "result", "submit",
	};
	const char *type = xml_attr(el, "type");

	for (size_t i = 0; type != NULL && i < sizeof(types) / sizeof(*types);
	     i++) {
		if (strcmp(types[i], type) == 0) {
			*type_r = type;
			return 0;
		}
	}
	return error_set(err, ERROR_BAD_REQUEST, "a form of an unknown type");
}

static int
read_field(struct arena *arena, const struct xml *el,
	   struct form_field *field_r, struct error *err)
{
	size_t room = count_children(el, "value");
	const char **values = arena_alloc(arena, (room + 1) * sizeof(*values));
	const struct xml *value = xml_child(el, NS_DATA, "value");

	field_r->var = xml_attr(el, "var");
	field_r->type = xml_attr(el, "type");
	field_r->values = values;
	field_r->count = room;
	if (field_r->var == NULL || *field_r->var == '\0')
		return error_set(err, ERROR_BAD_REQUEST,
				 "a form field without name");
	for (; value != NULL; value = xml_next(value, NS_DATA, "value"))
		*values++ = xml_text(arena, value);
	return 0;
}

/* XEP-0068 section 5: a form that is submitted need not say that the field
   is hidden; in any other it has no meaning unless it is. */
static bool
is_form_type(const struct form *form, const struct form_field *field)
{
	return strcmp(field->var, FORM_TYPE) == 0 &&
	       (strcmp(form->type, "submit") == 0 ||
		(field->type != NULL && strcmp(field->type, "hidden") == 0));
}

static int
compare_vars(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Sorts, for a peer decides how many there are. */
static int
check_unique(const char **vars, size_t count, struct error *err)
{
	qsort(vars, count, sizeof(*vars), compare_vars);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(vars[i - 1], vars[i]) == 0)
			return error_set(err, ERROR_BAD_REQUEST,
					 "a form field given twice");
	}
	return 0;
}

static int
read_fields(struct arena *arena, const struct xml *el, struct form *form,
	    struct error *err)
{
	size_t room = count_children(el, "field"), named = 0;
	struct form_field *fields = arena_alloc(arena, (room + 1) *
						sizeof(*fields));
	const char **vars = arena_alloc(arena, (room + 1) * sizeof(*vars));
	const struct xml *child = xml_child(el, NS_DATA, "field");

	form->fields = fields;
	for (; child != NULL; child = xml_next(child, NS_DATA, "field")) {
		struct form_field *field = &fields[form->count];
		const char *type = xml_attr(child, "type");

		if (type != NULL && strcmp(type, "fixed") == 0)
			continue;
		if (read_field(arena, child, field, err) < 0)
			return -1;
		vars[named++] = field->var;
		if (!is_form_type(form, field))
			form->count++;
		else if (field->count > 0)
			form->form_type = field->values[0];
	}
	return check_unique(vars, named, err);
}

int
form_parse(struct arena *arena, const struct xml *el,
	   const struct form **form_r, struct error *err)
{
	struct form *form = arena_alloc(arena, sizeof(*form));

	if (read_type(el, &form->type, err) < 0 ||
	    read_fields(arena, el, form, err) < 0)
		return -1;
	*form_r = form;
	return 0;
}

const struct form_field *
form_find(const struct form *form, const char *var)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].var, var) == 0)
			return &form->fields[i];
	}
	return NULL;
}

const char *
form_value(const struct form *form, const char *var)
{
	const struct form_field *field = form_find(form, var);

	return field == NULL || field->count == 0 ? NULL : field->values[0];
}

int
form_field_bool(const struct form_field *field, bool *value_r,
		struct error *err)
{
	const char *text = field->count == 1 ? field->values[0] : "";

	if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
		*value_r = true;
	else if (strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
		*value_r = false;
	else
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s is neither true nor false", field->var);
	return 0;
}

int
form_field_uint(const struct form_field *field, unsigned min, unsigned max,
		unsigned *value_r, struct error *err)
{
	const char *text = field->count == 1 ? field->values[0] : "";
	unsigned long long value;
	char *end;

	/* Too many digits give ULLONG_MAX, which is above any max. */
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || value < min ||
	    value > max)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s is not a number from %u to %u",
				 field->var, min, max);
	*value_r = (unsigned)value;
	return 0;
}
