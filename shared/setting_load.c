#include "shared/setting-private.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/source.h"
#include "shared/str.h"
#include "shared/value.h"

/* The names of all components of the product, between blanks or commas. */
#ifndef ANNEX_COMPONENTS
#define ANNEX_COMPONENTS ""
#endif

/* Also ends a file that includes itself. */
#define INCLUDE_DEPTH_MAX 8
/* In all: files that include each other many times would take years. */
#define INCLUDES_MAX 1000

struct loader {
	struct settings *settings;
	struct arena *arena;	/* what only loading needs */
	const char *path;	/* of the file being read */
	const char *folder;	/* where it lies */
	unsigned depth;		/* of includes */
	unsigned includes;	/* so far */
	bool failed;		/* err is the first error */
	struct error *err;
};

/* libconfuse hands no context to its callbacks, and keeps its own state in
   globals; so there can be but one load at a time. */
static _Thread_local struct loader *loading;

static bool
is_word_of(const char *words, const char *name, size_t len)
{
	static const char separators[] = " ,";

	for (;;) {
		size_t word;

		words += strspn(words, separators);
		word = strcspn(words, separators);
		if (word == 0)
			return false;
		if (word == len && memcmp(words, name, len) == 0)
			return true;
		words += word;
	}
}

static bool
is_foreign(const void *ctx, const char *name, size_t len)
{
	return settings_find_section(ctx, name, len, NULL) == NULL &&
	       is_word_of(ANNEX_COMPONENTS, name, len);
}

/* Only the first error says what is wrong; others follow from it. */
static int
loader_fail(struct loader *loader, const struct error *err)
{
	if (!loader->failed)
		*loader->err = *err;
	loader->failed = true;
	return -1;
}

__attribute__((format(printf, 2, 0)))
static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct loader *loader = loading;
	struct error err = { 0 };
	struct str reason = { 0 };

	str_vaddf(&reason, fmt, ap);
	error_set(&err, ERROR_BAD_REQUEST, "%s:%d: %s", loader->path,
		  cfg->line, reason.data);
	str_fini(&reason);
	loader_fail(loader, &err);
}

/* Where values of that section go. */
static struct value_place
place_of(const struct loader *loader, size_t section)
{
	return (struct value_place){
		.arena = loader->settings->arena,
		.strct = loader->settings->structs[section],
		.folder = loader->folder,
	};
}

static void
note_where(const struct loader *loader, size_t section,
	   const struct setting *setting, int line)
{
	const struct setting *table =
		loader->settings->sections[section].settings;

	loader->settings->where[section][setting - table] =
		arena_printf(loader->settings->arena, "%s:%d", loader->path,
			     line);
}

/* Stores each value as soon as it is read, while the line is known; a list is
   taken when it is complete. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	struct loader *loader = loading;
	const struct setting_section *section;
	const struct setting *setting;
	struct value_place place;
	struct error err = { 0 };
	size_t i = 0;

	section = settings_find_section(loader->settings->sections, cfg->name,
					strlen(cfg->name), &i);
	if (section == NULL) {
		/* libconfuse takes "muc|admins" for a path to an option. */
		cfg_error(cfg, "no such option '%s'", opt->name);
		return -1;
	}
	setting = setting_find(section->settings, opt->name);
	note_where(loader, i, setting, cfg->line);
	if (setting->type == SETTING_LIST)
		return 0;
	place = place_of(loader, i);
	if (value_store(&place, setting, cfg_opt_getstr(opt), &err) < 0) {
		cfg_error(cfg, "%s.%s: %s", section->name, opt->name,
			  err.text);
		return -1;
	}
	return 0;
}

static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	if (slash == path)
		return "/";
	return arena_dup(arena, path, (size_t)(slash - path));
}

/* Parses what source_prepare() left of a file. */
static int
parse_text(struct loader *loader, cfg_t *cfg, struct str *text)
{
	FILE *file;
	int ret;

	if (text->len == 0)
		return 0;
	ensure((file = fmemopen(text->data, text->len, "r")) != NULL);
	ret = cfg_parse_fp(cfg, file);
	fclose(file);
	if (ret != CFG_SUCCESS)
		cfg_error(cfg, "not understood");
	return loader->failed ? -1 : 0;
}

static int
load_text(struct loader *loader, cfg_t *cfg, const char *path,
	  struct str *text)
{
	const char *was_path = loader->path, *was_folder = loader->folder;
	int was_line = cfg->line;
	struct error err = { 0 };
	int ret;

	loader->path = path;
	loader->folder = folder_of(loader->arena, path);
	if (source_prepare(text, path, is_foreign, loader->settings->sections,
			   &err) < 0)
		ret = loader_fail(loader, &err);
	else
		ret = parse_text(loader, cfg, text);
	loader->path = was_path;
	loader->folder = was_folder;
	cfg->line = was_line;
	return ret;
}

static int
on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	struct loader *loader = loading;
	const char *path = argc > 0 ? argv[0] : "";
	struct str text = { 0 };
	struct error err = { 0 };
	int ret;

	(void)opt;
	if (loader->depth >= INCLUDE_DEPTH_MAX) {
		cfg_error(cfg, "too many files include each other");
		return -1;
	}
	if (++loader->includes > INCLUDES_MAX) {
		cfg_error(cfg, "more than %d files are included",
			  INCLUDES_MAX);
		return -1;
	}
	path = *path == '/' ? arena_strdup(loader->arena, path) :
	       arena_printf(loader->arena, "%s/%s", loader->folder, path);
	if (source_read(path, SOURCE_BYTES_MAX, &text, &err) < 0) {
		cfg_error(cfg, "%s", err.text);
		ret = -1;
	} else {
		loader->depth++;
		ret = load_text(loader, cfg, path, &text);
		loader->depth--;
	}
	str_fini(&text);
	return ret;
}

static cfg_opt_t *
section_options(struct arena *arena, const struct setting_section *section)
{
	cfg_opt_t *opts;
	size_t count = 0;

	while (section->settings[count].name != NULL)
		count++;
	opts = arena_alloc(arena, (count + 1) * sizeof(*opts));
	for (size_t i = 0; i < count; i++) {
		opts[i].name = section->settings[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		if (section->settings[i].type == SETTING_LIST)
			opts[i].flags |= CFGF_LIST;
		opts[i].validcb = on_value;
	}
	return opts;
}

static cfg_t *
make_parser(struct loader *loader)
{
	const struct setting_section *sections = loader->settings->sections;
	size_t count = settings_count_sections(sections);
	cfg_opt_t *opts = arena_alloc(loader->arena,
				      (count + 2) * sizeof(*opts));
	cfg_t *cfg;

	for (size_t i = 0; i < count; i++) {
		opts[i].name = sections[i].name;
		opts[i].type = CFGT_SEC;
		opts[i].subopts = section_options(loader->arena, &sections[i]);
	}
	opts[count].name = "include";
	opts[count].type = CFGT_FUNC;
	opts[count].func = on_include;

	ensure((cfg = cfg_init(opts, CFGF_NONE)) != NULL);
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

static void
take_list(struct loader *loader, cfg_opt_t *opt,
	  const struct setting *setting, const struct value_place *place)
{
	size_t count = cfg_opt_size(opt);
	const char **items = arena_alloc(loader->arena,
					 (count + 1) * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = cfg_opt_getnstr(opt, (unsigned)i);
	value_store_list(place, setting, items, count);
}

static int
take_default(struct loader *loader, const struct setting_section *section,
	     const struct setting *setting, const struct value_place *place)
{
	struct error why = { 0 }, err = { 0 };

	if (setting->def == NULL)
		error_set(&err, ERROR_BAD_REQUEST, "%s: %s.%s must be given",
			  loader->path, section->name, setting->name);
	else if (value_store_default(place, setting, &why) < 0)
		error_set(&err, why.cond, "%s: %s.%s: %s", loader->path,
			  section->name, setting->name, why.text);
	else
		return 0;
	return loader_fail(loader, &err);
}

/* Values were stored as they came: now the lists, and those that did not
   come. */
static int
finish_section(struct loader *loader, cfg_t *cfg, size_t i)
{
	const struct setting_section *section = &loader->settings->sections[i];
	const struct setting *setting = section->settings;
	struct value_place place = place_of(loader, i);
	cfg_t *sub = cfg_getsec(cfg, section->name);

	for (; setting->name != NULL; setting++) {
		cfg_opt_t *opt = cfg_getopt(sub, setting->name);

		if ((opt->flags & CFGF_MODIFIED) == 0) {
			if (take_default(loader, section, setting,
					 &place) < 0)
				return -1;
		} else if (setting->type == SETTING_LIST) {
			take_list(loader, opt, setting, &place);
		}
	}
	return 0;
}

static int
finish(struct loader *loader, cfg_t *cfg)
{
	size_t count = settings_count_sections(loader->settings->sections);

	for (size_t i = 0; i < count; i++)
		if (finish_section(loader, cfg, i) < 0)
			return -1;
	return 0;
}

static int
load(struct loader *loader, const char *path)
{
	struct str text = { 0 };
	struct error err = { 0 };
	cfg_t *cfg;
	int ret;

	if (source_read(path, SOURCE_BYTES_MAX, &text, &err) < 0) {
		str_fini(&text);
		return loader_fail(loader, &err);
	}
	loading = loader;
	cfg = make_parser(loader);
	ret = load_text(loader, cfg, path, &text);
	if (ret == 0)
		ret = finish(loader, cfg);
	cfg_free(cfg);
	loading = NULL;
	str_fini(&text);
	return ret;
}

int
settings_load(const char *path, const struct setting_section *sections,
	      struct settings **settings_r, struct error *err)
{
	struct settings *settings = settings_new(sections);
	struct loader loader = {
		.settings = settings, .arena = arena_new(), .path = path,
		.err = err,
	};
	int ret;

	settings->path = arena_strdup(settings->arena, path);
	loader.folder = folder_of(loader.arena, path);
	ret = load(&loader, path);
	arena_free(&loader.arena);
	if (ret < 0)
		settings_free(&settings);
	else
		*settings_r = settings;
	return ret;
}
