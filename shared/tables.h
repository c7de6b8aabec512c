/*
 * tables.h - all tables of a component, brought up to date: its own, and the
 * archive's where it uses those.
 */
#ifndef SHARED_TABLES_H
#define SHARED_TABLES_H

#include <stdbool.h>

struct component;
struct error;
struct settings;
struct store;

struct tables_plan {
	struct store *store;
	const struct component *component;
	const struct settings *settings;	/* needed during the call
						   only */
	bool check;				/* as migrate_run()'s */
};

/* Whether it has any. */
bool tables_are_used(const struct component *component,
		     const struct settings *settings);

/* As migrate_run() of one folder after the other, applied being the sum of
   all; only where there are any. */
void tables_prepare(const struct tables_plan *plan,
		    void (*fn)(void *ctx, unsigned applied,
			       const struct error *err),
		    void *ctx);

#endif
