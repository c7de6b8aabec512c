/*
 * setting.h - the configuration file, typed by tables (libconfuse).
 *
 * A section is a table of rows and a struct that they fill.  Strings and
 * lists of a loaded configuration live as long as its struct settings.
 */
#ifndef SHARED_SETTING_H
#define SHARED_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct error;

enum setting_type {
	SETTING_BOOL,	/* bool: yes, no, true, false, on, off */
	SETTING_UINT,	/* unsigned */
	SETTING_SECS,	/* unsigned seconds: 30, 30s, 5m, 2h, 7d */
	SETTING_BYTES,	/* size_t: 4096, 64K, 16M, 1G */
	SETTING_STRING,	/* const char *, never NULL */
	SETTING_SECRET,	/* the same, never shown; "file:PATH" reads a file */
	SETTING_LIST,	/* const char *const *, ended by NULL */
	SETTING_TITLED,	/* const struct setting_titled *, ended by one without
			   title: sections within the section, any number of
			   them, as in: door "front" { ... } */
};

struct setting_titled {
	const char *title;	/* no two have the same; never empty */
	const void *values;	/* the struct that its rows filled */
};

struct setting_section;

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	const char *def;	/* as in the file; NULL: must be given */
	const char *choices;	/* "text json": what a STRING may be, or NULL */
	unsigned long long min, max;	/* of a number; max 0: no limit */
	bool restart;		/* a change needs a restart */
	const struct setting_section *each;	/* what a TITLED one holds:
						   nothing titled */
	const char *help;	/* one sentence for the manual */
};

#define SETTING_CTYPE_BOOL	bool
#define SETTING_CTYPE_UINT	unsigned
#define SETTING_CTYPE_SECS	unsigned
#define SETTING_CTYPE_BYTES	size_t
#define SETTING_CTYPE_STRING	const char *
#define SETTING_CTYPE_SECRET	const char *
#define SETTING_CTYPE_LIST	const char *const *
#define SETTING_CTYPE_TITLED	const struct setting_titled *

/* The member's offset, or a compile-time error when its type is not ctype. */
#define SETTING_OFFSET(ctype, strct, member) \
	_Generic(&((struct strct *)0)->member, \
		 ctype *: offsetof(struct strct, member))

#define SETTING(kind, strct, member, deflt, text) \
	{ .name = #member, .type = SETTING_##kind, \
	  .offset = SETTING_OFFSET(SETTING_CTYPE_##kind, strct, member), \
	  .def = deflt, .help = text }
/* The same, for what only a restart can change. */
#define SETTING_FIXED(kind, strct, member, deflt, text) \
	{ .name = #member, .type = SETTING_##kind, \
	  .offset = SETTING_OFFSET(SETTING_CTYPE_##kind, strct, member), \
	  .def = deflt, .restart = true, .help = text }
/* The same, for a number from low to high. */
#define SETTING_RANGE(kind, strct, member, deflt, low, high, text) \
	{ .name = #member, .type = SETTING_##kind, \
	  .offset = SETTING_OFFSET(SETTING_CTYPE_##kind, strct, member), \
	  .def = deflt, .min = low, .max = high, .help = text }
#define SETTING_CHOICE(strct, member, deflt, words, text) \
	{ .name = #member, .type = SETTING_STRING, \
	  .offset = SETTING_OFFSET(const char *, strct, member), \
	  .def = deflt, .choices = words, .help = text }
#define SETTING_SECTIONS(strct, member, section, text) \
	{ .name = #member, .type = SETTING_TITLED, \
	  .offset = SETTING_OFFSET(SETTING_CTYPE_TITLED, strct, member), \
	  .def = "", .each = section, .help = text }

struct setting_section {
	const char *name;
	const struct setting *settings;	/* ended by a row without name */
	size_t size;			/* of the struct they fill */
};

struct settings;

/* Reads the file and what it includes.  ${NAME} in a string is replaced by
   the environment's variable.  Sections of other components of the product
   are skipped; any other unknown key is an error.  sections ends with a row
   without name and outlives the result.  Returns 0, or -1 with err->text
   "file:line: reason". */
int settings_load(const char *path, const struct setting_section *sections,
		  struct settings **settings_r, struct error *err);
void settings_free(struct settings **settings);

/* The struct that a section's rows filled. */
const void *settings_section(const struct settings *settings,
			     const char *section);

/* Where the setting was given last, as "file:line"; just the file when it has
   its default, or is titled.  For those who find that a value makes no
   sense. */
const char *settings_where(const struct settings *settings,
			   const char *section, const char *name);

/* Calls fn for each setting whose value differs; was and is are as they
   would stand in a file, secrets hidden.  Of those that are titled it tells
   the titles when these differ, and what differs in those that are in both,
   section being like: shop.door "front". */
void settings_compare(const struct settings *was, const struct settings *is,
		      void (*fn)(void *ctx, const char *section,
				 const struct setting *setting,
				 const char *was, const char *is),
		      void *ctx);

/* Every setting with its default and help, as a sample file that loads as it
   is once what must be given has been given. */
void settings_print(const struct setting_section *sections, FILE *out);

#endif
