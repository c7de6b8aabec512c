#include "shared/setting-private.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "shared/value.h"

#define HELP_COLUMNS 70

const struct setting_section *
settings_find_section(const struct setting_section *sections,
		      const char *name, size_t len, size_t *index_r)
{
	for (size_t i = 0; sections[i].name != NULL; i++) {
		if (strlen(sections[i].name) != len ||
		    memcmp(sections[i].name, name, len) != 0)
			continue;
		if (index_r != NULL)
			*index_r = i;
		return &sections[i];
	}
	return NULL;
}

size_t
settings_count_sections(const struct setting_section *sections)
{
	size_t count = 0;

	while (sections[count].name != NULL)
		count++;
	return count;
}

const struct setting *
setting_find(const struct setting *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static size_t
count_settings(const struct setting_section *section)
{
	size_t count = 0;

	while (section->settings[count].name != NULL)
		count++;
	return count;
}

struct settings *
settings_new(const struct setting_section *sections)
{
	size_t count = settings_count_sections(sections);
	struct settings *settings;

	ensure((settings = calloc(1, sizeof(*settings))) != NULL);
	settings->arena = arena_new();
	settings->sections = sections;
	settings->structs = arena_alloc(settings->arena, (count + 1) *
					sizeof(*settings->structs));
	settings->where = arena_alloc(settings->arena, (count + 1) *
				      sizeof(*settings->where));
	for (size_t i = 0; i < count; i++) {
		settings->structs[i] = arena_alloc(settings->arena,
						   sections[i].size);
		settings->where[i] = arena_alloc(settings->arena,
			(count_settings(&sections[i]) + 1) *
			sizeof(*settings->where[i]));
	}
	return settings;
}

void
settings_free(struct settings **settings)
{
	if (*settings == NULL)
		return;
	arena_free(&(*settings)->arena);
	free(*settings);
	*settings = NULL;
}

const void *
settings_section(const struct settings *settings, const char *section)
{
	size_t i = 0;

	ensure(settings_find_section(settings->sections, section,
				     strlen(section), &i) != NULL);
	return settings->structs[i];
}

const char *
settings_where(const struct settings *settings, const char *section,
	       const char *name)
{
	const struct setting *table, *setting;
	const char *where;
	size_t i = 0;

	ensure(settings_find_section(settings->sections, section,
				     strlen(section), &i) != NULL);
	table = settings->sections[i].settings;
	setting = setting_find(table, name);
	ensure(setting != NULL);
	where = settings->where[i][setting - table];
	return where != NULL ? where : settings->path;
}

const struct setting_titled *
settings_titled(const struct setting *setting, const void *strct)
{
	return *(const struct setting_titled *const *)
	       ((const char *)strct + setting->offset);
}

/* Whom settings_compare() tells, and of which section. */
struct listener {
	void (*fn)(void *ctx, const char *section,
		   const struct setting *setting, const char *was,
		   const char *is);
	void *ctx;
	const char *section;
};

static void
compare_setting(const struct setting *setting, const void *was,
		const void *is, const struct listener *listener)
{
	struct str old = { 0 }, new = { 0 };

	if (value_equal(setting, was, is))
		return;
	value_print(&old, setting, was);
	value_print(&new, setting, is);
	listener->fn(listener->ctx, listener->section, setting, old.data,
		     new.data);
	str_fini(&old);
	str_fini(&new);
}

static const void *
find_titled(const struct setting_titled *titled, const char *title)
{
	for (; titled->title != NULL; titled++)
		if (strcmp(titled->title, title) == 0)
			return titled->values;
	return NULL;
}

/* What differs in those that are in both. */
static void
compare_titled(const struct setting *setting, const void *was, const void *is,
	       const struct listener *listener)
{
	const struct setting_titled *old = settings_titled(setting, was);
	const struct setting_titled *new = settings_titled(setting, is);
	const struct setting *each;

	for (; old->title != NULL; old++) {
		const void *values = find_titled(new, old->title);
		struct listener inner = *listener;
		struct str name = { 0 };

		if (values == NULL)
			continue;
		str_addf(&name, "%s.%s ", listener->section, setting->name);
		value_quote(&name, old->title);
		inner.section = name.data;
		for (each = setting->each->settings; each->name != NULL;
		     each++)
			compare_setting(each, old->values, values, &inner);
		str_fini(&name);
	}
}

void
settings_compare(const struct settings *was, const struct settings *is,
		 void (*fn)(void *ctx, const char *section,
			    const struct setting *setting, const char *was,
			    const char *is),
		 void *ctx)
{
	const struct setting_section *section = was->sections;
	struct listener listener = { .fn = fn, .ctx = ctx };

	for (size_t i = 0; section[i].name != NULL; i++) {
		const struct setting *setting = section[i].settings;
		const void *old = was->structs[i], *new = is->structs[i];

		listener.section = section[i].name;
		for (; setting->name != NULL; setting++) {
			compare_setting(setting, old, new, &listener);
			if (setting->type == SETTING_TITLED)
				compare_titled(setting, old, new, &listener);
		}
	}
}

/* Where a sample goes, and what each line of it begins with. */
struct page {
	FILE *out;
	const char *margin;
	const char *gap;	/* a line between two settings */
	size_t columns;		/* for words */
};

/* Writes words as comment lines. */
static void
print_comment(const struct page *page, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > page->columns) {
			fputc('\n', page->out);
			column = 0;
		}
		if (column == 0)
			fprintf(page->out, "%s# %.*s", page->margin, (int)len,
				text);
		else
			fprintf(page->out, " %.*s", (int)len, text);
		column += len + 1;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', page->out);
}

static void
print_default(const struct page *page, const struct setting *setting)
{
	struct str text = { 0 };

	if (setting->type == SETTING_STRING || setting->type == SETTING_SECRET)
		value_quote(&text, setting->def);
	else if (setting->type == SETTING_LIST)
		str_addf(&text, "{%s}", setting->def);
	else
		str_addz(&text, setting->def);
	fprintf(page->out, "%s%s = %s\n", page->margin, setting->name,
		text.data);
	str_fini(&text);
}

static const char *
blank_of(const struct setting *setting)
{
	return setting->type == SETTING_LIST ? "{}" : "\"\"";
}

static void print_settings(const struct page *page,
			   const struct setting *settings);

/* A sample has none: how one would look. */
static void
print_titled(const struct page *page, const struct setting *setting)
{
	const struct page inner = {
		.out = page->out, .margin = "\t#\t", .gap = "\t#",
		.columns = page->columns - 8,
	};

	fprintf(page->out, "%s#%s \"NAME\" {\n", page->margin,
		setting->name);
	print_settings(&inner, setting->each->settings);
	fprintf(page->out, "%s#}\n", page->margin);
}

static void
print_setting(const struct page *page, const struct setting *setting)
{
	const char *margin = page->margin;

	print_comment(page, setting->help);
	if (setting->choices != NULL)
		fprintf(page->out, "%s# One of: %s.\n", margin,
			setting->choices);
	if (setting->max != 0)
		fprintf(page->out, "%s# From %llu to %llu.\n", margin,
			setting->min, setting->max);
	if (setting->restart)
		fprintf(page->out, "%s# A change needs a restart.\n", margin);
	if (setting->type == SETTING_TITLED)
		print_titled(page, setting);
	else if (setting->def != NULL)
		print_default(page, setting);
	else
		fprintf(page->out, "%s# Must be given.\n%s#%s = %s\n", margin,
			margin, setting->name, blank_of(setting));
}

static void
print_settings(const struct page *page, const struct setting *settings)
{
	const struct setting *setting = settings;

	for (; setting->name != NULL; setting++) {
		if (setting != settings)
			fprintf(page->out, "%s\n", page->gap);
		print_setting(page, setting);
	}
}

void
settings_print(const struct setting_section *sections, FILE *out)
{
	const struct page page = {
		.out = out, .margin = "\t", .gap = "",
		.columns = HELP_COLUMNS,
	};

	for (; sections->name != NULL; sections++) {
		fprintf(out, "%s {\n", sections->name);
		print_settings(&page, sections->settings);
		fputs(sections[1].name != NULL ? "}\n\n" : "}\n", out);
	}
}
