#include "t/lib/fake_store.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/store-private.h"
#include "shared/store-private.h"
#include "shared/store_sqlitefold.h"
#include "shared/str.h"

struct told {
	struct store_result *result;	/* NULL: it failed */
	bool refused;
	store_fn *fn;
	void *ctx;
	struct told *prev, *next;
};

struct store {
	sqlite3 *db;
	bool away;
	bool fleeting;
	bool full;
	bool repeating;
	const char *refused;
	int64_t steps;
	struct told *waiting;
};

struct store_batch {
	struct store *store;
	size_t bytes;
	bool refused;
	struct store_result *result;	/* the last statement's */
};

static const char tables[] =
	"SELECT name FROM sqlite_master WHERE type = 'table'";

static void
run_script(struct store *store, const char *sql)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		error_panic(__FILE__, __LINE__, sqlite3_errmsg(store->db));
}

static void
run_file(struct store *store, const char *path)
{
	struct str text = { 0 };
	FILE *file = fopen(path, "r");
	char piece[4096];
	size_t len;

	ensure(file != NULL);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		str_add(&text, piece, len);
	fclose(file);
	run_script(store, text.data);
	str_fini(&text);
}

struct store *
fake_store_new(const char *component)
{
	struct store *store = calloc(1, sizeof(*store));
	struct str pattern = { 0 };
	glob_t files;

	ensure(store != NULL);
	ensure(sqlite3_open(":memory:", &store->db) == SQLITE_OK);
	ensure(store_sqlitefold_add(store->db) == SQLITE_OK);
	run_script(store, "PRAGMA foreign_keys = ON");
	str_addf(&pattern, SCHEMADIR "/%s/*.sql", component);
	ensure(glob(pattern.data, 0, NULL, &files) == 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (strstr(files.gl_pathv[i], ".pg.sql") == NULL)
			run_file(store, files.gl_pathv[i]);
	globfree(&files);
	str_fini(&pattern);
	return store;
}

void
fake_store_free(struct store **store)
{
	fake_store_tell(*store);
	ensure(sqlite3_close((*store)->db) == SQLITE_OK);
	free(*store);
	*store = NULL;
}

void
fake_store_set_away(struct store *store, bool away)
{
	store->away = away;
}

void
fake_store_set_full(struct store *store, bool full)
{
	store->full = full;
}

bool
fake_store_is_well(const struct store *store)
{
	return !store->away && !store->full;
}

void
fake_store_set_repeating(struct store *store, bool repeating)
{
	store->repeating = repeating;
}

void
fake_store_set_refused(struct store *store, const char *value)
{
	store->refused = value;
}

void
fake_store_set_lasting(struct store *store, bool lasting)
{
	store->fleeting = !lasting;
}

/* There is no other database. */
int
store_new(uv_loop_t *loop, const struct store_settings *settings,
	  struct metrics *metrics, struct store **store_r, struct error *err)
{
	(void)loop;
	(void)metrics;
	(void)store_r;
	return error_set(err, ERROR_ITEM_NOT_FOUND, "%s: there is none",
			 settings->url);
}

void
store_on_state(struct store *store,
	       void (*fn)(void *ctx, bool up, const char *why), void *ctx)
{
	(void)store;
	(void)fn;
	(void)ctx;
}

void
store_close(struct store **store, unsigned secs,
	    void (*fn)(void *ctx, size_t lost), void *ctx)
{
	(void)store;
	(void)secs;
	(void)fn;
	(void)ctx;
}

bool
store_is_lasting(const struct store *store)
{
	return !store->fleeting;
}

bool
store_is_closing(const struct store *store)
{
	(void)store;
	return false;
}

bool
store_is_up(const struct store *store)
{
	return !store->away;
}

const char *
store_dialect(const struct store *store)
{
	(void)store;
	return "sqlite";
}

static void
bind_all(sqlite3_stmt *stmt, const struct store_value *values, size_t count)
{
	char name[16];

	for (size_t i = 0; i < count; i++) {
		int at;

		snprintf(name, sizeof(name), "$%zu", i + 1);
		at = sqlite3_bind_parameter_index(stmt, name);
		ensure(at > 0);
		if (values[i].type == STORE_INT)
			sqlite3_bind_int64(stmt, at, values[i].number);
		else if (values[i].type == STORE_TEXT)
			sqlite3_bind_text(stmt, at, values[i].text, -1,
					  SQLITE_TRANSIENT);
	}
	ensure((size_t)sqlite3_bind_parameter_count(stmt) == count);
}

static void
free_cells(void *owner)
{
	char **cells = owner;

	for (size_t i = 0; cells[i] != NULL; i++)
		free(cells[i]);
	free(cells);
}

/* The texts stand in one list that has no holes, as SQL NULLs would be. */
static void
add_row(struct store_result *result, size_t *texts, sqlite3_stmt *stmt)
{
	size_t n = result->rows++ * result->columns;
	size_t cells = result->rows * result->columns;
	char **owned;

	result->cells = realloc(result->cells,
				(cells + 1) * sizeof(*result->cells));
	owned = realloc(result->owner, (cells + 1) * sizeof(*owned));
	ensure(result->cells != NULL && owned != NULL);
	for (size_t i = 0; i < result->columns; i++) {
		const unsigned char *text = sqlite3_column_text(stmt, (int)i);

		result->cells[n + i] = NULL;
		if (text == NULL)
			continue;
		owned[*texts] = strdup((const char *)text);
		ensure(owned[*texts] != NULL);
		result->cells[n + i] = owned[(*texts)++];
	}
	owned[*texts] = NULL;
	result->owner = owned;
	result->release = free_cells;
}

/* Whether a write has failed of which nobody knows yet: what follows it may
   make no sense to the database. */
static bool
has_failed(const struct store *store)
{
	const struct told *told;

	DL_FOREACH(store->waiting, told)
		if (told->result == NULL)
			return true;
	return false;
}

/* NULL when such a statement is refused. */
static struct store_result *
run(struct store *store, const char *sql, const struct store_value *values,
    size_t count)
{
	struct store_result *result = calloc(1, sizeof(*result));
	sqlite3_stmt *stmt;
	size_t texts = 0;
	int ret;

	ensure(result != NULL);
	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		error_panic(__FILE__, __LINE__, sqlite3_errmsg(store->db));
	bind_all(stmt, values, count);
	result->columns = (size_t)sqlite3_column_count(stmt);
	while ((ret = sqlite3_step(stmt)) == SQLITE_ROW)
		add_row(result, &texts, stmt);
	if (ret == SQLITE_CONSTRAINT && has_failed(store))
		store_result_free(&result);
	else if (ret != SQLITE_DONE)
		error_panic(__FILE__, __LINE__, sqlite3_errmsg(store->db));
	store->steps += sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
	sqlite3_finalize(stmt);
	return result;
}

static void
tell_later(struct store *store, struct store_result *result, store_fn *fn,
	   void *ctx)
{
	struct told *told = calloc(1, sizeof(*told));

	ensure(told != NULL);
	told->result = result;
	told->fn = fn;
	told->ctx = ctx;
	DL_APPEND(store->waiting, told);
}

size_t
fake_store_tell(struct store *store)
{
	static const struct error
		away = { .cond = ERROR_RESOURCE_CONSTRAINT,
			 .type = ERROR_TYPE_WAIT, .text = "away" },
		refused = { .cond = ERROR_INTERNAL_SERVER_ERROR,
			    .type = ERROR_TYPE_CANCEL, .text = "refused" };
	size_t n = 0;

	while (store->waiting != NULL) {
		struct told *told = store->waiting;

		DL_DELETE(store->waiting, told);
		if (told->fn != NULL)
			told->fn(told->ctx, told->result,
				 told->result != NULL ? NULL :
				 told->refused ? &refused : &away);
		store_result_free(&told->result);
		free(told);
		n++;
	}
	return n;
}

void
fake_store_clear(struct store *store)
{
	struct str sql = { 0 };
	struct store_result *names = run(store, tables, NULL, 0);

	store->away = store->full = store->fleeting = false;
	store->repeating = false;
	store->refused = NULL;
	for (size_t i = 0; i < store_rows(names); i++)
		str_addf(&sql, "DELETE FROM %s;", store_get_text(names, i, 0));
	run_script(store, sql.data);
	store_result_free(&names);
	str_fini(&sql);
}

void
store_script(struct store *store, const char *text, store_fn *fn, void *ctx)
{
	run_script(store, text);
	tell_later(store, run(store, "SELECT 1", NULL, 0), fn, ctx);
}

int64_t
fake_store_steps(struct store *store)
{
	int64_t steps = store->steps;

	store->steps = 0;
	return steps;
}

int64_t
fake_store_ask(struct store *store, const char *sql)
{
	struct store_result *result = run(store, sql, NULL, 0);
	int64_t number = store_rows(result) > 0 ?
			 store_get_int(result, 0, 0) : 0;

	store_result_free(&result);
	return number;
}

void
store_read(struct store *store, const char *sql,
	   const struct store_value *values, size_t count, store_fn *fn,
	   void *ctx)
{
	tell_later(store, store->away ? NULL : run(store, sql, values, count),
		   fn, ctx);
}

/* Whether the test wants them to be. */
static bool
are_refused(const struct store *store, const struct store_value *values,
	    size_t count)
{
	for (size_t i = 0; store->refused != NULL && i < count; i++)
		if (values[i].text != NULL &&
		    strcmp(store->refused, values[i].text) == 0)
			return true;
	return false;
}

void
store_write(struct store *store, const char *sql,
	    const struct store_value *values, size_t count, store_fn *fn,
	    void *ctx)
{
	bool refused = are_refused(store, values, count);
	struct store_result *result = NULL;

	if (!store->full && !refused)
		result = run(store, sql, values, count);
	if (result != NULL && store->repeating) {
		store_result_free(&result);
		result = run(store, sql, values, count);
		result->repeated = true;
	}
	tell_later(store, result, fn, ctx);
	store->waiting->prev->refused = refused;
}

struct store_batch *
store_begin(struct store *store)
{
	struct store_batch *batch = calloc(1, sizeof(*batch));

	ensure(batch != NULL);
	batch->store = store;
	run_script(store, "BEGIN");
	return batch;
}

void
store_add(struct store_batch *batch, const char *sql,
	  const struct store_value *values, size_t count)
{
	store_result_free(&batch->result);
	batch->result = run(batch->store, sql, values, count);
	if (batch->result == NULL ||
	    are_refused(batch->store, values, count))
		batch->refused = true;
	for (size_t i = 0; i < count; i++)
		batch->bytes += values[i].text ? strlen(values[i].text) : 8;
}

size_t
store_batch_bytes(const struct store_batch *batch)
{
	return batch->bytes;
}

void
store_commit(struct store_batch **batch, store_fn *fn, void *ctx)
{
	struct store *store = (*batch)->store;
	struct store_result *result = (*batch)->result;
	bool refused = (*batch)->refused;

	if (store->full || refused) {
		run_script(store, "ROLLBACK");
		store_result_free(&result);
	} else {
		run_script(store, "COMMIT");
		if (result == NULL)
			result = calloc(1, sizeof(*result));
		ensure(result != NULL);
	}
	free(*batch);
	*batch = NULL;
	tell_later(store, result, fn, ctx);
	store->waiting->prev->refused = refused;
}
