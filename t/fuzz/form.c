#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/parser.h"
#include "shared/rsm.h"
#include "shared/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A form made of what was read reads the same. */
static void
check_form(struct arena *arena, const struct form *form)
{
	struct xml *el = form_new(arena, form->type, form->form_type);
	const struct form *again;
	struct error err;
	unsigned number;
	bool truth;

	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];
		struct xml *to = form_add(arena, el, field->type, field->var,
					  NULL);

		for (size_t j = 0; j < field->count; j++)
			form_add_value(arena, to, field->values[j]);
		form_field_bool(field, &truth, &err);
		if (form_field_uint(field, 1, 99, &number, &err) == 0)
			ensure(number >= 1 && number <= 99);
	}
	ensure(form_parse(arena, el, &again, &err) == 0);
	ensure(again->count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		ensure(again->fields[i].count == form->fields[i].count);
		ensure(strcmp(again->fields[i].var, form->fields[i].var) == 0);
	}
}

static void
check_rsm(struct arena *arena, const struct xml *el)
{
	struct rsm rsm;
	struct error err;

	if (rsm_parse(arena, el, 50, &rsm, &err) < 0)
		return;
	ensure(rsm.max <= 50 && rsm.index <= INT32_MAX);
	ensure((rsm.mode == RSM_AFTER || rsm.mode == RSM_BEFORE) ==
	       (rsm.item != NULL));
	ensure(rsm.item == NULL || *rsm.item != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct form *form;
	struct xml *el;
	struct error err;

	if (parser_document(arena, (const char *)data, size,
			    &parser_limits_default, &el, &err) == 0) {
		check_rsm(arena, el);
		if (form_parse(arena, el, &form, &err) == 0)
			check_form(arena, form);
		else
			ensure(err.cond == ERROR_BAD_REQUEST);
	}
	arena_free(&arena);
	return 0;
}
