/*
 * options.h - the configuration of a room (XEP-0045 section 16.5.3), and two
 * options that are not there: whether absent members are shown, and whether
 * it is archived.
 *
 * Each option is declared once, in options.c: from there come the forms, what
 * may be submitted, and the columns of the table muc_room.  The owners and
 * admins of a room stand in the same form, but are affiliations.
 */
#ifndef MUC_OPTIONS_H
#define MUC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct form;
struct store_result;
struct store_value;
struct xml;

enum option_allowpm {
	ALLOWPM_ANYONE,
	ALLOWPM_PARTICIPANTS,
	ALLOWPM_MODERATORS,
	ALLOWPM_NONE,
};

enum option_whois {
	WHOIS_MODERATORS,	/* semi-anonymous */
	WHOIS_ANYONE,		/* non-anonymous */
};

/* Bits of presencebroadcast and getmemberlist. */
enum {
	OPTION_MODERATOR = 1 << 0,
	OPTION_PARTICIPANT = 1 << 1,
	OPTION_VISITOR = 1 << 2,
};

/* Named as their fields, without "muc#roomconfig_".  Texts are owned, never
   NULL. */
struct options {
	char *roomname;
	char *roomdesc;
	char *lang;
	char *pubsub;
	char *roomsecret;
	bool allowinvites;
	bool changesubject;
	bool enablelogging;
	bool enablearchiving;
	bool membersonly;
	bool moderatedroom;
	bool passwordprotectedroom;
	bool persistentroom;
	bool publicroom;
	bool showabsent;
	unsigned allowpm;
	unsigned whois;
	unsigned getmemberlist;
	unsigned presencebroadcast;
	unsigned maxusers;		/* 0: none */
	unsigned maxhistoryfetch;
};

void options_init(struct options *options);
void options_copy(struct options *to, const struct options *from);
void options_fini(struct options *options);

/* Sets one from text, as "roomname" and "Coven" (a set as "moderator
   visitor").  Returns 0, or -1 with ERROR_NOT_ACCEPTABLE. */
int options_set(struct options *options, const char *name, const char *value,
		struct error *err);

/* Whether they go together.  Returns 0, or -1 with ERROR_NOT_ACCEPTABLE of
   type modify. */
int options_check(const struct options *options, struct error *err);

/* Sets those that form names; unknown fields are left to others.  Returns 0,
   or -1 with ERROR_NOT_ACCEPTABLE of type modify (10.1.3), also when they do
   not go together then. */
int options_submit(struct options *options, const struct form *form,
		   struct error *err);

/* "name=value" of each but the password, one a line. */
const char *options_text(const struct options *options, struct arena *arena);

/* Calls fn for each that differs, with what it is, written as in that text; a
   password is NULL. */
void options_differ(const struct options *was, const struct options *is,
		    void (*fn)(void *ctx, const char *name,
			       const char *value), void *ctx);

bool options_equal(const struct options *a, const struct options *b);

/* Adds a field for each, with the values in force; archiving is left out where
   owners cannot choose it. */
void options_print(const struct options *options, bool archiving,
		   struct arena *arena, struct xml *form);

/* The columns, in one order for all: "roomname,roomdesc,...", how many they
   are, their values, and the way back from a row whose first option stands in
   column first.  What the row cannot say (somebody edited it) stays. */
const char *options_columns(struct arena *arena);
size_t options_count(void);
void options_values(const struct options *options, struct arena *arena,
		    struct store_value *values);
void options_load(struct options *options, const struct store_result *result,
		  size_t row, size_t first);

#endif
