/*
 * database.h - the databases that a unit test runs on.
 */
#ifndef T_LIB_DATABASE_H
#define T_LIB_DATABASE_H

#include <stdbool.h>
#include <uv.h>

#include "shared/error.h"
#include "shared/store.h"

enum database_kind {
	DATABASE_NONE,
	DATABASE_SQLITE,
	DATABASE_POSTGRES,
};

#define DATABASE_URL_SIZE 256
#define DATABASE_CELLS 8

/* Makes a temporary folder and, with setup, starts a PostgreSQL there.
   Returns -1 when that fails; where none is installed the tests that need it
   do.  Teardown ends and removes all. */
int database_folder_new(void);
int database_setup(void **state);
int database_teardown(void **state);

const char *database_folder(void);
/* That of SQLite at path, with what stands beside it. */
void database_remove_file(const char *path);
const char *database_name(enum database_kind kind);
/* A database without any tables. */
void database_url(enum database_kind kind, char url[DATABASE_URL_SIZE]);
/* Where the server listens on 127.0.0.1; role, password and database are
   "annex". */
unsigned database_port(void);
/* start, stop, kill, freeze, thaw. */
void database_postgres(const char *verb);
/* SQL done by the server's superuser, all else waiting. */
void database_sql(const char *sql);

/* A loop, a store on it, and what happened. */
struct database {
	enum database_kind kind;
	uv_loop_t loop;
	uv_timer_t timer;
	bool late;
	struct store_settings settings;
	char url[DATABASE_URL_SIZE];
	struct metrics *metrics;
	struct store *store;
	bool up;
	unsigned downs;		/* how often it went away, or why changed */
	char why[240];
	bool closed;
	size_t lost;
};

struct database *database_new(enum database_kind kind);
void database_open(struct database *db);
/* Runs the loop until done is not zero; fails after a minute. */
void database_wait(struct database *db, const volatile bool *done);
void database_wait_up(struct database *db, bool up);
/* Runs the loop for so long. */
void database_run(struct database *db, unsigned ms);
void database_close(struct database *db, unsigned secs);
void database_free(struct database **db);
/* The same for cmocka, the state being one. */
int database_drop(void **state);

/* What an answer said. */
struct database_answer {
	bool done;
	unsigned calls;
	struct error err;	/* cond ERROR_NONE: none */
	size_t rows;
	/* Of the first row; NULL for SQL's. */
	char *cells[DATABASE_CELLS];
};

void database_answer_fini(struct database_answer *answer);
/* A store_fn for it. */
void database_take(void *answer, const struct store_result *result,
		   const struct error *err);

/* The first cell of the answer to a read, which must have one; -1 for an SQL
   NULL. */
int64_t database_ask(struct database *db, const char *sql);
/* Writes, and fails if that is refused. */
void database_do(struct database *db, const char *sql);
/* The value of a metric; -1 when there is none. */
long long database_metric(struct database *db, const char *name);

#endif
