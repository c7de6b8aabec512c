#include "shared/migrate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/error.h"
#include "shared/log.h"
#include "shared/migrate_files.h"
#include "shared/store-private.h"
#include "shared/str.h"

/* "annex": whoever migrates anything holds it. */
#define LOCK "418581341560"

/* One step asks the database, its answer takes the next. */
struct migrate {
	struct store *store;
	char *directory, *component;
	bool check;
	void (*fn)(void *ctx, unsigned applied, const struct error *err);
	void *ctx;

	struct migrate_files files;
	size_t have;		/* noted in the database */
	unsigned applied;	/* by us */
	void (*step)(struct migrate *migrate);
	/* Why the migration after those it has failed. */
	struct error failure;
};

static void step_table(struct migrate *migrate);
static void step_use(struct migrate *migrate);
static void step_noted(struct migrate *migrate);
static void step_schema(struct migrate *migrate);
static void step_owner(struct migrate *migrate);
static void step_apply(struct migrate *migrate);

static void
finish(struct migrate *migrate, const struct error *err)
{
	migrate->fn(migrate->ctx, migrate->applied, err);
	migrate_files_fini(&migrate->files);
	free(migrate->directory);
	free(migrate->component);
	free(migrate);
}

static void
take_step(struct migrate *migrate, void (*step)(struct migrate *migrate))
{
	migrate->step = step;
	step(migrate);
}

/* Asks once more while the database is away.  Returns whether there is an
   answer to go on with. */
static bool
is_answered(struct migrate *migrate, const struct error *err)
{
	if (err == NULL)
		return true;
	if (err->cond == ERROR_RESOURCE_CONSTRAINT &&
	    !store_is_closing(migrate->store))
		migrate->step(migrate);
	else
		finish(migrate, err);
	return false;
}

static bool
is_pg(const struct migrate *migrate)
{
	return strcmp(store_dialect(migrate->store), "postgresql") == 0;
}

/* The tables of a component begin with its name. */
static struct str
own_tables(const struct migrate *migrate)
{
	struct str like = { 0 };

	str_addf(&like, "%s\\_%%", migrate->component);
	return like;
}

/* Where nothing is noted, no other process was faster. */
static void
take_failure(struct migrate *migrate, bool noted)
{
	struct error why = migrate->failure;

	if (noted)
		take_step(migrate, step_noted);
	else
		finish(migrate, &why);
}

static void
on_table(void *ctx, const struct store_result *result, const struct error *err)
{
	struct migrate *migrate = ctx;
	struct error why = { 0 };

	if (!is_answered(migrate, err))
		return;
	if (migrate->failure.cond != ERROR_NONE) {
		take_failure(migrate, store_get_int(result, 0, 0) != 0);
		return;
	}
	if (migrate_files_scan(&migrate->files, migrate->directory,
			       store_dialect(migrate->store), &why) < 0)
		finish(migrate, &why);
	else if (store_get_int(result, 0, 0) == 0)
		take_step(migrate, step_schema);
	else
		take_step(migrate, is_pg(migrate) ? step_use : step_noted);
}

static void
step_table(struct migrate *migrate)
{
	const char *sql = is_pg(migrate) ?
		"SELECT count(to_regclass('annex_migration'))" :
		"SELECT count(*) FROM sqlite_master"
		" WHERE type = 'table' AND name = 'annex_migration'";

	store_read(migrate->store, sql, NULL, 0, on_table, migrate);
}

static void
on_use(void *ctx, const struct store_result *result, const struct error *err)
{
	struct migrate *migrate = ctx;
	struct error why;

	if (!is_answered(migrate, err))
		return;
	if (store_rows(result) == 0) {
		take_step(migrate, step_noted);
		return;
	}
	error_set(&why, ERROR_INTERNAL_SERVER_ERROR,
		  "role \"%s\" may not read and write table \"%s\" of role "
		  "\"%s\" in schema \"%s\"", store_get_text(result, 0, 0),
		  store_get_text(result, 0, 1), store_get_text(result, 0, 2),
		  store_get_text(result, 0, 3));
	finish(migrate, &why);
}

#define FROM_TABLES \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"

static void
step_use(struct migrate *migrate)
{
	struct str like = own_tables(migrate);

	store_read(migrate->store,
		   "SELECT current_user, c.relname,"
		   " pg_get_userbyid(c.relowner), n.nspname" FROM_TABLES
		   " AND (c.relname LIKE $1 AND NOT"
		   "  (has_table_privilege(c.oid, 'SELECT')"
		   "   AND has_table_privilege(c.oid, 'INSERT')"
		   "   AND has_table_privilege(c.oid, 'UPDATE')"
		   "   AND has_table_privilege(c.oid, 'DELETE'))"
		   "  OR c.relname = 'annex_migration' AND NOT"
		   "   has_table_privilege(c.oid, 'SELECT'))"
		   " ORDER BY c.relname LIMIT 1",
		   STORE_VALUES(store_text(like.data)), on_use, migrate);
	str_fini(&like);
}

/* What is noted must be what the files are, as far as it goes. */
static int
compare(struct migrate *migrate, const struct store_result *noted,
	struct error *err)
{
	size_t rows = store_rows(noted);

	if (rows > migrate->files.count)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "the database is newer than this program: "
				 "%s has migration %s, known are %zu",
				 migrate->component,
				 store_get_text(noted, rows - 1, 1),
				 migrate->files.count);
	for (size_t i = 0; i < rows; i++) {
		const char *name = store_get_text(noted, i, 1);

		if (strcmp(name, migrate->files.list[i].name) != 0)
			return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
					 "the database is another program's: "
					 "%s has migration %s, known is %s",
					 migrate->component, name,
					 migrate->files.list[i].name);
	}
	return 0;
}

static void
on_noted(void *ctx, const struct store_result *result, const struct error *err)
{
	struct migrate *migrate = ctx;
	bool failed = migrate->failure.cond != ERROR_NONE;
	struct error why;
	size_t had = migrate->have;

	if (!is_answered(migrate, err))
		return;
	if (compare(migrate, result, &why) < 0) {
		finish(migrate, &why);
		return;
	}
	migrate->have = store_rows(result);
	/* Unless another process was faster, the failure was a failure. */
	if (failed && migrate->have == had) {
		why = migrate->failure;
		finish(migrate, &why);
		return;
	}
	migrate->failure.cond = ERROR_NONE;
	if (migrate->have == migrate->files.count)
		finish(migrate, NULL);
	else
		take_step(migrate, failed ? step_apply : step_schema);
}

static void
step_noted(struct migrate *migrate)
{
	store_read(migrate->store,
		   "SELECT number, name FROM annex_migration"
		   " WHERE component = $1 ORDER BY number",
		   STORE_VALUES(store_text(migrate->component)), on_noted,
		   migrate);
}

static void
on_schema(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct migrate *migrate = ctx;
	const char *role, *schema;
	struct error why;

	if (!is_answered(migrate, err))
		return;
	if (store_get_int(result, 0, 2) != 0) {
		take_step(migrate, step_owner);
		return;
	}
	role = store_get_text(result, 0, 0);
	schema = store_get_text(result, 0, 1);
	if (schema == NULL)
		error_set(&why, ERROR_INTERNAL_SERVER_ERROR,
			  "role \"%s\" has no schema to create tables in: "
			  "see its search_path", role);
	else
		error_set(&why, ERROR_INTERNAL_SERVER_ERROR,
			  "role \"%s\" may not create tables in schema "
			  "\"%s\"; what helps is GRANT USAGE, CREATE ON "
			  "SCHEMA \"%s\" TO \"%s\"", role, schema, schema,
			  role);
	finish(migrate, &why);
}

/* Something is to be applied.  SQLite has no privileges but the file's. */
static void
step_schema(struct migrate *migrate)
{
	if (!is_pg(migrate)) {
		take_step(migrate, step_apply);
		return;
	}
	store_read(migrate->store,
		   "SELECT current_user, current_schema(), CASE WHEN"
		   " has_schema_privilege(current_schema(), 'CREATE')"
		   " THEN 1 ELSE 0 END", NULL, 0, on_schema, migrate);
}

static void
on_owner(void *ctx, const struct store_result *result, const struct error *err)
{
	struct migrate *migrate = ctx;
	struct error why;

	if (!is_answered(migrate, err))
		return;
	if (store_rows(result) == 0) {
		take_step(migrate, step_apply);
		return;
	}
	error_set(&why, ERROR_INTERNAL_SERVER_ERROR,
		  "table \"%s\" in schema \"%s\" belongs to role \"%s\", so "
		  "role \"%s\" cannot change it",
		  store_get_text(result, 0, 1), store_get_text(result, 0, 3),
		  store_get_text(result, 0, 2), store_get_text(result, 0, 0));
	finish(migrate, &why);
}

static void
step_owner(struct migrate *migrate)
{
	struct str like = own_tables(migrate);

	store_read(migrate->store,
		   "SELECT current_user, c.relname,"
		   " pg_get_userbyid(c.relowner), n.nspname" FROM_TABLES
		   " AND (c.relname LIKE $1 AND NOT"
		   "   pg_has_role(c.relowner, 'USAGE')"
		   "  OR c.relname = 'annex_migration' AND NOT"
		   "   has_table_privilege(c.oid, 'INSERT'))"
		   " ORDER BY c.relname LIMIT 1",
		   STORE_VALUES(store_text(like.data)), on_owner, migrate);
	str_fini(&like);
}

static void
on_applied(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct migrate *migrate = ctx;
	const struct migrate_file *file = &migrate->files.list[migrate->have];

	(void)result;
	if (err != NULL && store_is_closing(migrate->store)) {
		finish(migrate, err);
		return;
	}
	if (err != NULL) {
		error_set(&migrate->failure, ERROR_INTERNAL_SERVER_ERROR,
			  "%s: %s", file->path, err->text);
		take_step(migrate, step_table);
		return;
	}
	log_info("migrate: applied %s of %s", file->name, migrate->component);
	migrate->applied++;
	migrate->have++;
	take_step(migrate, step_apply);
}

/* Noting comes first: it fails when another process, or we ourselves before
   the connection broke, applied it, and the rest is not done. */
static struct str
write_script(const struct migrate *migrate, const char *text)
{
	const struct migrate_file *file = &migrate->files.list[migrate->have];
	struct str script = { 0 };

	if (is_pg(migrate))
		str_addz(&script, "SELECT pg_advisory_xact_lock(" LOCK ");\n");
	str_addz(&script, "CREATE TABLE IF NOT EXISTS annex_migration ("
		 "component TEXT NOT NULL, number BIGINT NOT NULL,"
		 " name TEXT NOT NULL, applied BIGINT NOT NULL,"
		 " PRIMARY KEY (component, number));\n");
	str_addf(&script, "INSERT INTO annex_migration VALUES"
		 " ('%s', %u, '%s', %lld);\n", migrate->component,
		 file->number, file->name, (long long)time(NULL));
	str_addz(&script, text);
	return script;
}

static void
step_apply(struct migrate *migrate)
{
	struct error why;
	struct str script;
	char *text;

	if (migrate->check)
		migrate->applied = (unsigned)(migrate->files.count -
					      migrate->have);
	if (migrate->check || migrate->have == migrate->files.count) {
		finish(migrate, NULL);
		return;
	}
	if (migrate_file_read(&migrate->files.list[migrate->have], &text,
			      &why) < 0) {
		finish(migrate, &why);
		return;
	}
	script = write_script(migrate, text);
	store_script(migrate->store, script.data, on_applied, migrate);
	str_fini(&script);
	free(text);
}

static bool
is_plain(const char *name)
{
	for (; *name != '\0'; name++) {
		if (!islower((unsigned char)*name) &&
		    !isdigit((unsigned char)*name))
			return false;
	}
	return true;
}

void
migrate_run(struct store *store, const char *directory, const char *component,
	    bool check,
	    void (*fn)(void *ctx, unsigned applied, const struct error *err),
	    void *ctx)
{
	struct migrate *migrate = calloc(1, sizeof(*migrate));

	ensure(migrate != NULL && is_plain(component));
	migrate->store = store;
	migrate->directory = strdup(directory);
	migrate->component = strdup(component);
	ensure(migrate->directory != NULL && migrate->component != NULL);
	migrate->check = check;
	migrate->fn = fn;
	migrate->ctx = ctx;
	take_step(migrate, step_table);
}
