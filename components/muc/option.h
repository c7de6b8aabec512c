/*
 * option.h - one option of a room: what it may be, and how forms, settings and
 * the database write it.
 *
 * Its value is a member of a struct, which the functions take.
 */
#ifndef MUC_OPTION_H
#define MUC_OPTION_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct form_field;
struct store_result;
struct store_value;
struct xml;

enum option_type {
	OPTION_BOOL,	/* bool; boolean */
	OPTION_TEXT,	/* char *, owned and never NULL; text-single */
	OPTION_SECRET,	/* the same; text-private */
	OPTION_CHOICE,	/* unsigned, index into words; list-single */
	OPTION_SET,	/* unsigned, bits in the order of words; list-multi */
	OPTION_USERS,	/* unsigned, 0 for none; list-single */
	OPTION_NUMBER,	/* unsigned; text-single */
};

struct option {
	const char *var;		/* of its field */
	enum option_type type;
	size_t offset;			/* of its member */
	const char *label;
	const char *const *words;	/* to choose from, or NULL */
};

/* Without the prefix of var: "roomname"; also that of its column. */
const char *option_name(const struct option *option);

/* A struct that is all zero becomes one that is empty. */
void option_init(const struct option *option, void *strct);
/* What a copied struct shares with another becomes its own. */
void option_own(const struct option *option, void *strct);
void option_fini(const struct option *option, void *strct);
bool option_equal(const struct option *option, const void *a, const void *b);

/* Reads a submitted field, or text as a setting has it (a set as "moderator
   visitor", a bool as "yes" as well).  Returns 0, or -1 with
   ERROR_NOT_ACCEPTABLE of type modify, leaving the value as it was. */
int option_read(const struct option *option, void *strct,
		const struct form_field *field, struct error *err);
int option_set(const struct option *option, void *strct, const char *text,
	       struct error *err);
/* Adds its field to a form. */
void option_print(const struct option *option, const void *strct,
		  struct arena *arena, struct xml *form);

/* To its column, and from it; what makes no sense there changes nothing. */
struct store_value option_value(const struct option *option,
				const void *strct, struct arena *arena);
void option_load(const struct option *option, void *strct,
		 const struct store_result *result, size_t row, size_t column);

#endif
