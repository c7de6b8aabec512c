#include "shared/store_sqlitestmt.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/store-private.h"

static void
free_stmt(struct store_sqlitestmt *stmt)
{
	sqlite3_finalize(stmt->stmt);
	free(stmt->index);
	free(stmt);
}

void
store_sqlitestmt_clear(struct store_sqlitestmt **cache)
{
	struct store_sqlitestmt *stmt, *next;

	HASH_ITER(hh, *cache, stmt, next) {
		HASH_DEL(*cache, stmt);
		free_stmt(stmt);
	}
}

static void
map_params(struct store_sqlitestmt *stmt)
{
	stmt->count = sqlite3_bind_parameter_count(stmt->stmt);
	stmt->index = calloc((size_t)stmt->count + 1, sizeof(int));
	ensure(stmt->index != NULL);
	for (int i = 0; i < stmt->count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "$%d", i + 1);
		stmt->index[i] = sqlite3_bind_parameter_index(stmt->stmt,
							      name);
		if (stmt->index[i] == 0)
			stmt->fault = "its parameters are not $1, $2...";
	}
}

int
store_sqlitestmt_find(struct store_sqlitestmt **cache, sqlite3 *db,
		      const char *sql, struct store_sqlitestmt **stmt_r)
{
	struct store_sqlitestmt *stmt;
	int ret;

	HASH_FIND_PTR(*cache, &sql, stmt);
	*stmt_r = stmt;
	if (stmt != NULL)
		return SQLITE_OK;
	ensure((stmt = calloc(1, sizeof(*stmt))) != NULL);
	stmt->sql = sql;
	ret = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT,
				 &stmt->stmt, NULL);
	if (ret != SQLITE_OK) {
		free_stmt(stmt);
		return ret;
	}
	if (stmt->stmt == NULL)
		stmt->fault = "it is no statement";
	map_params(stmt);
	HASH_ADD_PTR(*cache, sql, stmt);
	*stmt_r = stmt;
	return SQLITE_OK;
}

static int
bind_values(struct store_sqlitestmt *stmt,
	    const struct store_statement *values)
{
	int ret = SQLITE_OK;

	for (int i = 0; i < stmt->count && ret == SQLITE_OK; i++) {
		const struct store_value *value = &values->values[i];
		int at = stmt->index[i];

		if (value->type == STORE_INT)
			ret = sqlite3_bind_int64(stmt->stmt, at,
						 value->number);
		else if (value->type == STORE_TEXT)
			ret = sqlite3_bind_text(stmt->stmt, at, value->text,
						-1, SQLITE_STATIC);
		else
			ret = sqlite3_bind_null(stmt->stmt, at);
	}
	return ret;
}

static void
free_arena(void *owner)
{
	struct arena *arena = owner;

	arena_free(&arena);
}

/* The room doubles: how many rows there are is known only at the end. */
static void
add_row(struct store_result *result, sqlite3_stmt *stmt)
{
	size_t n = result->rows * result->columns;

	if (result->owner == NULL) {
		result->owner = arena_new();
		result->release = free_arena;
	}
	if ((result->rows & (result->rows - 1)) == 0) {
		size_t room = result->rows == 0 ? 1 : result->rows * 2;

		result->cells = realloc(result->cells, room * sizeof(char *) *
					(result->columns + 1));
		ensure(result->cells != NULL);
	}
	for (size_t i = 0; i < result->columns; i++) {
		const unsigned char *text =
			sqlite3_column_text(stmt, (int)i);

		result->cells[n + i] = text == NULL ? NULL :
			arena_strdup(result->owner, (const char *)text);
	}
	result->rows++;
}

int
store_sqlitestmt_run(struct store_sqlitestmt *stmt,
		     const struct store_statement *values,
		     struct store_result **result_r)
{
	struct store_result *result;
	int ret = bind_values(stmt, values);

	if (ret != SQLITE_OK)
		return ret;
	ensure((result = calloc(1, sizeof(*result))) != NULL);
	result->columns = (size_t)sqlite3_column_count(stmt->stmt);
	while ((ret = sqlite3_step(stmt->stmt)) == SQLITE_ROW)
		add_row(result, stmt->stmt);
	if (ret == SQLITE_DONE)
		*result_r = result;
	else
		store_result_free(&result);
	return ret;
}

void
store_sqlitestmt_reset(struct store_sqlitestmt *stmt)
{
	sqlite3_reset(stmt->stmt);
	sqlite3_clear_bindings(stmt->stmt);
}
