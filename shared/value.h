/*
 * value.h - the value of one setting: its text, and what that means.
 */
#ifndef SHARED_VALUE_H
#define SHARED_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct setting;
struct str;

/* What values are stored with. */
struct value_place {
	struct arena *arena;	/* of strings and lists */
	void *strct;		/* that has the setting's member */
	const char *folder;	/* where a secret's "file:PATH" begins */
};

/* Stores what text says.  Not for lists and what is titled.  -1 with err->text
   the reason. */
int value_store(const struct value_place *place,
		const struct setting *setting, const char *text,
		struct error *err);

/* Copies count texts into a list. */
void value_store_list(const struct value_place *place,
		      const struct setting *setting,
		      const char *const *items, size_t count);

/* Stores the setting's default, which must not be NULL. */
int value_store_default(const struct value_place *place,
			const struct setting *setting, struct error *err);

/* Adds the value as it would stand in a file; of what is titled the titles. */
void value_print(struct str *out, const struct setting *setting,
		 const void *strct);
/* Adds text in quotes, such that libconfuse reads the same back. */
void value_quote(struct str *out, const char *text);
/* Those that are titled are equal when the titles are. */
bool value_equal(const struct setting *setting, const void *a,
		 const void *b);

#endif
