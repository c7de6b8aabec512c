/*
 * command.h - what those who run a component can ask of it.
 *
 * A command is declared once, in a table of its component.  From there it is
 * one of the control socket (control.h), one of annexctl and, unless it is
 * local, an ad-hoc command (adhoc.h), with the same fields everywhere.
 */
#ifndef SHARED_COMMAND_H
#define SHARED_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct call;
struct error;
struct form;
struct jid;

enum command_type {
	COMMAND_TEXT,	/* one line */
	COMMAND_SECRET,	/* the same, but neither shown nor logged */
	COMMAND_BOOL,	/* "1" or "0" */
	COMMAND_UINT,	/* a decimal number */
	COMMAND_JID,	/* an address, prepared */
	COMMAND_CHOICE,	/* one of choices */
	COMMAND_LIST,	/* any number of lines */
	COMMAND_LINES,	/* one text of several lines */
};

/* What may, or must, be given.  For annexctl those that must be are words in
   the order of the table, the others options (--NAME); a rest takes all words
   that are left. */
struct command_field {
	const char *name;	/* lower case, one word; its var in a form */
	enum command_type type;
	const char *label;	/* a phrase for people */
	const char *def;	/* what stands for it when it is not given;
				   NULL: nothing does */
	const char *const *choices;	/* of COMMAND_CHOICE */
	unsigned min, max;	/* of COMMAND_UINT; max 0: no limit */
	bool required;
	bool person;		/* of COMMAND_JID: a domain is none */
	bool rest;		/* the last one, of type COMMAND_LIST */
	bool quiet;		/* what stands behind a "=", or the "://" of a
				   URL with a "@", is not logged, as there may
				   be secrets */
};

/* How many of the bytes of a field's text a log may show. */
size_t command_shown(const struct command_field *field, const char *text);

/* COMMAND_FIELD("limit", UINT, "Most rooms", .def = "100", .max = 1000) */
#define COMMAND_FIELD(word, kind, text, ...) \
	{ .name = word, .type = COMMAND_##kind, .label = text, ##__VA_ARGS__ }

/* What a row of the output has. */
struct command_column {
	const char *name;	/* its key in JSON, its var in a form */
	enum command_type type;	/* a UINT, a BOOL and a LIST (of lines) are
				   those of JSON */
	const char *label;	/* its heading */
};

/* Returns 0 when it is done; or -1 with err; or CALL_PARKED when it keeps the
   call, to end it later by call_end().  ctx is the component's. */
#define CALL_PARKED 2
typedef int command_fn(struct call *call, void *ctx, struct error *err);

struct command {
	const char *name;	/* lower case, one word; its node */
	const char *title;	/* "List rooms" */
	const char *help;	/* sentences: what it does, and to whom */
	const struct command_field *fields;	/* ended by one without name;
						   NULL: none */
	const struct command_column *columns;	/* the same */
	bool record;		/* one row at most: shown as a list of values */
	bool files;		/* a row is the name of a file and a text to be
				   added to it: annexctl writes them into the
				   new folder that the first field names */
	bool local;		/* on the control socket alone, since it uses
				   the rights of the daemon's user, or makes
				   files: by XMPP it does not exist */
	/* Who may use it by XMPP; NULL: the service's administrators.  Who may
	   open the control socket may use all. */
	bool (*allows)(void *ctx, const struct jid *who);
	command_fn *run;
};

size_t command_field_count(const struct command *command);
size_t command_column_count(const struct command *command);

/* "text", "secret", "bool", "uint", "jid", "choice", "list", "lines". */
const char *command_type_name(enum command_type type);

/* What was given for one field, in the order of the fields. */
struct command_argument {
	const char *const *texts;	/* ended by NULL; a default counts */
	const struct jid *jid;		/* of COMMAND_JID */
};

/* Reads the fields of a form that was submitted.  All is copied into the
   arena.  Returns 0, or -1 with ERROR_BAD_REQUEST, or ERROR_JID_MALFORMED,
   the text naming the field. */
int command_read(const struct command *command, const struct form *form,
		 struct arena *arena, const struct command_argument **args_r,
		 struct error *err);

#endif
