/*
 * clausebed.h - settings of rules, and stanzas for them to look at.
 */
#ifndef T_LIB_CLAUSEBED_H
#define T_LIB_CLAUSEBED_H

#include "components/archive/rules/clause.h"
#include "components/archive/rules/exhibit.h"

struct arena;

/* A list for a setting. */
#define CLAUSEBED_LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Those of a rule without any condition, with its defaults. */
struct clause_settings clausebed_settings(void);

/* A stanza of that text, to be judged now; those of domain "far" are outside.
   All lives as long as the arena. */
struct exhibit clausebed_exhibit(struct arena *arena, const char *stanza);
/* A chat message of r@a for j@a with these children. */
struct exhibit clausebed_message(struct arena *arena, const char *children);

#endif
