/*
 * setting-private.h - what a loaded configuration is made of.
 */
#ifndef SHARED_SETTING_PRIVATE_H
#define SHARED_SETTING_PRIVATE_H

#include "shared/setting.h"

struct arena;

struct settings {
	struct arena *arena;
	const struct setting_section *sections;
	void **structs;		/* one for each section, in their order */
	const char ***where;	/* the same, then one for each setting: "file:
				   line", NULL for a default */
	const char *path;	/* of the file that includes the others */
};

/* With every struct zeroed. */
struct settings *settings_new(const struct setting_section *sections);

size_t settings_count_sections(const struct setting_section *sections);

/* The row of that name, or NULL. */
const struct setting *setting_find(const struct setting *table,
				   const char *name);

/* The section of that name and, unless index_r is NULL, its position; NULL
   when there is none. */
const struct setting_section *
settings_find_section(const struct setting_section *sections,
		      const char *name, size_t len, size_t *index_r);

/* What a TITLED setting has in that struct. */
const struct setting_titled *settings_titled(const struct setting *setting,
					     const void *strct);

#endif
