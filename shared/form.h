/*
 * form.h - data forms (XEP-0004), with typed fields (XEP-0068).
 */
#ifndef SHARED_FORM_H
#define SHARED_FORM_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct xml;

/* Building.  type is "form", "submit", "result" or "cancel"; form_type, if
   not NULL, becomes the hidden FORM_TYPE field. */

struct xml *form_new(struct arena *arena, const char *type,
		     const char *form_type);
void form_add_title(struct arena *arena, struct xml *form, const char *title);
void form_add_instructions(struct arena *arena, struct xml *form,
			   const char *text);
/* A field without values; type and label may be NULL.  Returns it. */
struct xml *form_add(struct arena *arena, struct xml *form, const char *type,
		     const char *var, const char *label);
void form_add_value(struct arena *arena, struct xml *field,
		    const char *value);
void form_add_bool(struct arena *arena, struct xml *field, bool value);
void form_add_option(struct arena *arena, struct xml *field,
		     const char *label, const char *value);
void form_set_required(struct arena *arena, struct xml *field);

/* Reading what was submitted. */

struct form_field {
	const char *var;
	const char *type;		/* NULL when not said */
	const char *const *values;	/* count of them */
	size_t count;
};

struct form {
	const char *type;
	const char *form_type;		/* NULL when absent */
	const struct form_field *fields; /* without the form's type */
	size_t count;
};

/* Reads a <x xmlns='jabber:x:data'/>.  Returns 0, or -1 with
   ERROR_BAD_REQUEST: unknown type, a field without var (but of type fixed,
   which is skipped), a var twice. */
int form_parse(struct arena *arena, const struct xml *el,
	       const struct form **form_r, struct error *err);

const struct form_field *form_find(const struct form *form, const char *var);
/* The first value; NULL when the field is absent or has none. */
const char *form_value(const struct form *form, const char *var);
/* Reads "1", "true", "0", "false" (XML Schema); -1 with ERROR_BAD_REQUEST
   for anything else, count other than one included. */
int form_field_bool(const struct form_field *field, bool *value_r,
		    struct error *err);
/* A decimal number between min and max. */
int form_field_uint(const struct form_field *field, unsigned min,
		    unsigned max, unsigned *value_r, struct error *err);

#endif
