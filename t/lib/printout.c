#include "t/lib/printout.h"

#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/xml.h"

static void
on_row(void *ctx, const char *const *cells)
{
	struct printout *printout = ctx;

	for (size_t i = 0; i < printout->columns; i++)
		str_addf(&printout->text, "%s%s", i > 0 ? "|" : "",
			 cells[i] != NULL ? cells[i] : "");
	str_addc(&printout->text, '\n');
}

static void
on_say(void *ctx, const char *text)
{
	struct printout *printout = ctx;

	str_addf(&printout->text, "%s\n", text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	(void)done;
	(void)total;
}

static bool
is_full(void *ctx)
{
	(void)ctx;
	return false;
}

static void
on_end(void *ctx, const struct error *err)
{
	struct printout *printout = ctx;

	printout->ended = true;
	if (err != NULL)
		str_addf(&printout->text, "error: %s\n", error_reason(err));
}

const struct call_output printout_output = {
	.row = on_row, .say = on_say, .progress = on_progress,
	.is_full = is_full, .end = on_end,
};

const char *
printout_take(struct printout *printout, struct arena *arena)
{
	const char *text = printout->text.data == NULL ? "" :
		arena_dup(arena, printout->text.data, printout->text.len);

	str_fini(&printout->text);
	return text;
}

const struct form *
printout_form(struct arena *arena, const char *const *fields)
{
	struct xml *el = form_new(arena, "submit", NULL);
	const struct form *form;
	struct error err;

	for (; *fields != NULL; fields++) {
		size_t len = strcspn(*fields, "=");
		struct xml *field = form_add(arena, el, NULL,
					     arena_dup(arena, *fields, len),
					     NULL);

		form_add_value(arena, field, *fields + len + 1);
	}
	ensure(form_parse(arena, el, &form, &err) == 0);
	return form;
}
