/*
 * callbed.h - commands on a database with the archive's tables, used as by an
 * operator.
 */
#ifndef T_LIB_CALLBED_H
#define T_LIB_CALLBED_H

#include <stddef.h>

#include "shared/component.h"
#include "shared/request.h"
#include "t/lib/database.h"

struct arena;
struct calls;
struct command;

struct callbed {
	struct database *db;
	struct runtime runtime;
	struct component component;
	struct calls *calls;
	struct arena *arena;	/* of what is told */
};

/* On a database of that kind; ctx is what the commands get. */
struct callbed *callbed_new(enum database_kind kind,
			    const struct command *commands, void *ctx);
void callbed_free(struct callbed **bed);
/* The same for cmocka, the state being one. */
int callbed_drop(void **state);

/* Has "the operator" use a command: fields, each as "name=value", end with
   NULL.  Returns its rows, cells separated by "|", and what it said, a line
   each; or "error: " and why. */
const char *callbed_command(struct callbed *bed, const char *name,
			    const char *const *fields);
#define CALLBED_COMMAND(bed, name, ...) \
	callbed_command(bed, name, (const char *const[]){ __VA_ARGS__, NULL })

#endif
