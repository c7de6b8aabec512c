/*
 * store_list.h - many values in one parameter of a statement.
 *
 * For PostgreSQL the text of an array, to be cast to BIGINT[] or TEXT[] and
 * taken apart by unnest(); for SQLite a JSON array, for json_each().
 */
#ifndef SHARED_STORE_LIST_H
#define SHARED_STORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/str.h"

/* Embedded; begun before anything else. */
struct store_list {
	struct str text;
	bool json;
	size_t count;
};

/* Empties, keeping the storage; dialect is store_dialect()'s. */
void store_list_begin(struct store_list *list, const char *dialect);
void store_list_fini(struct store_list *list);

/* text is UTF-8; NULL makes an SQL NULL. */
void store_list_add_text(struct store_list *list, const char *text);
void store_list_add_int(struct store_list *list, int64_t number);

/* The parameter, to which nothing is added afterwards.  Lives until the list
   begins anew or ends. */
const char *store_list_end(struct store_list *list);

#endif
