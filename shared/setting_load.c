#include "shared/setting-private.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/source.h"
#include "shared/str.h"
#include "shared/utf8.h"
#include "shared/value.h"

/* The names of all components of the product, between blanks or commas. */
#ifndef ANNEX_COMPONENTS
#define ANNEX_COMPONENTS ""
#endif

/* Also ends a file that includes itself. */
#define INCLUDE_DEPTH_MAX 8
/* In all: files that include each other many times would take years. */
#define INCLUDES_MAX 1000
/* Of those that are titled, as each is looked for among all. */
#define TITLED_MAX 1000

/* A section within a section, as long as it is read. */
struct titled {
	struct titled *next;
	const struct setting *setting;	/* of the section it is in */
	const char *title;
	void *strct;
};

struct loader {
	struct settings *settings;
	struct titled *titled;
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

static struct value_place
place_of(const struct loader *loader, void *strct)
{
	return (struct value_place){
		.arena = loader->settings->arena,
		.strct = strct,
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

/* The setting of that name, which is one of those that are titled; or NULL.
   No two sections have one of the same name. */
static const struct setting *
find_outer(const struct loader *loader, const char *name)
{
	const struct setting_section *section = loader->settings->sections;
	const struct setting *setting;

	for (; section->name != NULL; section++) {
		setting = setting_find(section->settings, name);
		if (setting != NULL && setting->type == SETTING_TITLED)
			return setting;
	}
	return NULL;
}

/* The struct for one of that title, which is made when there is none. */
static void *
use_titled(struct loader *loader, const struct setting *setting,
	   const char *title)
{
	struct titled *titled;

	for (titled = loader->titled; titled != NULL; titled = titled->next)
		if (titled->setting == setting &&
		    strcmp(titled->title, title) == 0)
			return titled->strct;
	titled = arena_alloc(loader->arena, sizeof(*titled));
	titled->setting = setting;
	titled->title = arena_strdup(loader->arena, title);
	titled->strct = arena_alloc(loader->settings->arena,
				    setting->each->size);
	titled->next = loader->titled;
	loader->titled = titled;
	return titled->strct;
}

/* What is told about it goes into stanzas and JSON.  Escapes make bytes too. */
static int
check_text(const char *text, struct error *err)
{
	return utf8_is(text) ? 0 :
	       error_set(err, ERROR_BAD_REQUEST, "it is not UTF-8");
}

/* Stores what was just read, but for a list, which is taken when it is
   complete. */
static int
store(struct loader *loader, cfg_t *cfg, cfg_opt_t *opt,
      const struct setting *setting, void *strct)
{
	const struct value_place place = place_of(loader, strct);
	unsigned count = cfg_opt_size(opt);
	const char *last = count > 0 ? cfg_opt_getnstr(opt, count - 1) : "";
	struct error err = { 0 };

	if (check_text(last, &err) == 0 &&
	    (setting->type == SETTING_LIST ||
	     value_store(&place, setting, last, &err) == 0))
		return 0;
	if (cfg->title != NULL)
		cfg_error(cfg, "%s \"%s\".%s: %s", cfg->name, cfg->title,
			  opt->name, err.text);
	else
		cfg_error(cfg, "%s.%s: %s", cfg->name, opt->name, err.text);
	return -1;
}

static int
on_titled_value(cfg_t *cfg, cfg_opt_t *opt)
{
	struct loader *loader = loading;
	const struct setting *outer = find_outer(loader, cfg->name);
	void *strct;

	if (outer == NULL) {
		/* libconfuse takes "muc|admins" for a path to an option. */
		cfg_error(cfg, "no such option '%s'", opt->name);
		return -1;
	}
	strct = use_titled(loader, outer, cfg_title(cfg));
	return store(loader, cfg, opt,
		     setting_find(outer->each->settings, opt->name), strct);
}

/* Stores each value as soon as it is read, while the line is known. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	struct loader *loader = loading;
	const struct setting_section *section;
	const struct setting *setting;
	size_t i = 0;

	section = settings_find_section(loader->settings->sections, cfg->name,
					strlen(cfg->name), &i);
	if (section == NULL) {
		cfg_error(cfg, "no such option '%s'", opt->name);
		return -1;
	}
	setting = setting_find(section->settings, opt->name);
	note_where(loader, i, setting, cfg->line);
	return store(loader, cfg, opt, setting,
		     loader->settings->structs[i]);
}

/* One of them was read. */
static int
on_titled(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned count = cfg_opt_size(opt);
	const char *title = cfg_title(cfg_opt_getnsec(opt, count - 1));

	if (*title == '\0')
		cfg_error(cfg, "a section '%s' needs a title", opt->name);
	else if (!utf8_is(title))
		cfg_error(cfg, "the title of a section '%s' is not UTF-8",
			  opt->name);
	else if (count > TITLED_MAX)
		cfg_error(cfg, "more than %d sections '%s'", TITLED_MAX,
			  opt->name);
	else
		return 0;
	return -1;
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

/* fn is called for each value that was read. */
static cfg_opt_t *
make_options(struct arena *arena, const struct setting *settings,
	     cfg_validate_callback_t fn)
{
	cfg_opt_t *opts;
	size_t count = 0;

	while (settings[count].name != NULL)
		count++;
	opts = arena_alloc(arena, (count + 1) * sizeof(*opts));
	for (size_t i = 0; i < count; i++) {
		opts[i].name = settings[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		opts[i].validcb = fn;
		if (settings[i].type == SETTING_LIST)
			opts[i].flags |= CFGF_LIST;
		if (settings[i].type != SETTING_TITLED)
			continue;
		opts[i].type = CFGT_SEC;
		opts[i].flags = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
		opts[i].validcb = on_titled;
		opts[i].subopts = make_options(
			arena, settings[i].each->settings, on_titled_value);
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
		opts[i].subopts = make_options(loader->arena,
					       sections[i].settings,
					       on_value);
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

/* section is its name, for people. */
static int
take_default(struct loader *loader, const char *section,
	     const struct setting *setting, const struct value_place *place)
{
	struct error why = { 0 }, err = { 0 };

	if (setting->def == NULL)
		error_set(&err, ERROR_BAD_REQUEST, "%s: %s.%s must be given",
			  loader->path, section, setting->name);
	else if (value_store_default(place, setting, &why) < 0)
		error_set(&err, why.cond, "%s: %s.%s: %s", loader->path,
			  section, setting->name, why.text);
	else
		return 0;
	return loader_fail(loader, &err);
}

static int take_titled(struct loader *loader, cfg_opt_t *opt,
		       const char *section, const struct setting *setting,
		       const struct value_place *place);

/* Values were stored as they came: now the lists, what is titled, and those
   that did not come. */
static int
finish_settings(struct loader *loader, cfg_t *cfg, const char *section,
		const struct setting *setting, void *strct)
{
	struct value_place place = place_of(loader, strct);
	int ret = 0;

	for (; ret == 0 && setting->name != NULL; setting++) {
		cfg_opt_t *opt = cfg_getopt(cfg, setting->name);

		if (setting->type == SETTING_TITLED)
			ret = take_titled(loader, opt, section, setting,
					  &place);
		else if ((opt->flags & CFGF_MODIFIED) == 0)
			ret = take_default(loader, section, setting, &place);
		else if (setting->type == SETTING_LIST)
			take_list(loader, opt, setting, &place);
	}
	return ret;
}

static int
take_titled(struct loader *loader, cfg_opt_t *opt, const char *section,
	    const struct setting *setting, const struct value_place *place)
{
	unsigned count = cfg_opt_size(opt);
	struct setting_titled *titled;

	titled = arena_alloc(place->arena, (count + 1) * sizeof(*titled));
	for (unsigned i = 0; i < count; i++) {
		cfg_t *cfg = cfg_opt_getnsec(opt, i);
		void *strct = use_titled(loader, setting, cfg_title(cfg));
		const char *name = arena_printf(
			loader->arena, "%s.%s \"%s\"", section,
			setting->name, cfg_title(cfg));

		titled[i].title = arena_strdup(place->arena, cfg_title(cfg));
		titled[i].values = strct;
		if (finish_settings(loader, cfg, name,
				    setting->each->settings, strct) < 0)
			return -1;
	}
	*(const struct setting_titled **)
	 ((char *)place->strct + setting->offset) = titled;
	return 0;
}

static int
finish(struct loader *loader, cfg_t *cfg)
{
	const struct setting_section *sections = loader->settings->sections;

	for (size_t i = 0; sections[i].name != NULL; i++)
		if (finish_settings(loader, cfg_getsec(cfg, sections[i].name),
				    sections[i].name, sections[i].settings,
				    loader->settings->structs[i]) < 0)
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
