#include "shared/tables.h"

#include <stddef.h>
#include <stdlib.h>

#include "shared/component.h"
#include "shared/error.h"
#include "shared/migrate.h"
#include "shared/section.h"
#include "shared/setting.h"
#include "shared/store.h"
#include "shared/str.h"

#define ARCHIVE "archive"
#define FOLDERS_MAX 2

struct tables {
	struct store *store;
	char *schema;		/* the folder of all folders */
	const char *names[FOLDERS_MAX];
	size_t count, at;
	bool check;
	unsigned applied;
	void (*fn)(void *ctx, unsigned applied, const struct error *err);
	void *ctx;
};

static bool
uses_archive(const struct component *component,
	     const struct settings *settings)
{
	return component->archives != NULL &&
	       component->archives(settings_section(settings,
						    component->name));
}

bool
tables_are_used(const struct component *component,
		const struct settings *settings)
{
	return component->stored || uses_archive(component, settings);
}

static void prepare_next(struct tables *tables);

static void
on_prepared(void *ctx, unsigned applied, const struct error *err)
{
	struct tables *tables = ctx;

	tables->applied += applied;
	tables->at++;
	if (err == NULL && tables->at < tables->count) {
		prepare_next(tables);
		return;
	}
	tables->fn(tables->ctx, tables->applied, err);
	free(tables->schema);
	free(tables);
}

static void
prepare_next(struct tables *tables)
{
	const char *name = tables->names[tables->at];
	struct str folder = { 0 };

	str_addf(&folder, "%s/%s", tables->schema, name);
	migrate_run(tables->store, folder.data, name, tables->check,
		    on_prepared, tables);
	str_fini(&folder);
}

void
tables_prepare(const struct tables_plan *plan,
	       void (*fn)(void *ctx, unsigned applied,
			  const struct error *err),
	       void *ctx)
{
	const struct component *component = plan->component;
	const struct store_section *section =
		settings_section(plan->settings, "store");
	struct tables *tables = calloc(1, sizeof(*tables));

	ensure(tables != NULL);
	tables->store = plan->store;
	tables->schema = str_dup(section->schema);
	tables->check = plan->check;
	tables->fn = fn;
	tables->ctx = ctx;
	if (component->stored)
		tables->names[tables->count++] = component->name;
	if (uses_archive(component, plan->settings))
		tables->names[tables->count++] = ARCHIVE;
	ensure(tables->count > 0);
	prepare_next(tables);
}
