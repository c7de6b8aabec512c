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

		listener.section = section[i].name;
		for (; setting->name != NULL; setting++)
			compare_setting(setting, was->structs[i],
					is->structs[i], &listener);
	}
}

/* Writes words as comment lines. */
static void
print_comment(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > HELP_COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			fprintf(out, "\t# %.*s", (int)len, text);
		else
			fprintf(out, " %.*s", (int)len, text);
		column += len + 1;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void
print_default(FILE *out, const struct setting *setting)
{
	struct str text = { 0 };

	if (setting->type == SETTING_STRING || setting->type == SETTING_SECRET)
		value_quote(&text, setting->def);
	else if (setting->type == SETTING_LIST)
		str_addf(&text, "{%s}", setting->def);
	else
		str_addz(&text, setting->def);
	fprintf(out, "\t%s = %s\n", setting->name, text.data);
	str_fini(&text);
}

static void
print_setting(FILE *out, const struct setting *setting)
{
	print_comment(out, setting->help);
	if (setting->choices != NULL)
		fprintf(out, "\t# One of: %s.\n", setting->choices);
	if (setting->max != 0)
		fprintf(out, "\t# From %llu to %llu.\n", setting->min,
			setting->max);
	if (setting->restart)
		fputs("\t# A change needs a restart.\n", out);
	if (setting->def != NULL)
		print_default(out, setting);
	else
		fprintf(out, "\t# Must be given.\n\t#%s = \"\"\n",
			setting->name);
}

void
settings_print(const struct setting_section *sections, FILE *out)
{
	for (; sections->name != NULL; sections++) {
		const struct setting *setting = sections->settings;

		fprintf(out, "%s {\n", sections->name);
		for (; setting->name != NULL; setting++) {
			if (setting != sections->settings)
				fputc('\n', out);
			print_setting(out, setting);
		}
		fputs(sections[1].name != NULL ? "}\n\n" : "}\n", out);
	}
}
