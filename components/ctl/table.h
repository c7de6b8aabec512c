/*
 * table.h - rows of an answer, for people: a table, or of a record a list of
 * its values.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

struct table;

/* command is what the component says of it, and outlives the table. */
struct table *table_new(const json_t *command, FILE *out);
void table_free(struct table **table);

/* Of very many rows the first are shown before the last have come, so that
   later ones may not be in line. */
void table_add(struct table *table, const json_t *row);
/* Shows what is left. */
void table_end(struct table *table);

#endif
