#include "t/lib/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "shared/metric.h"
#include "shared/store-private.h"
#include "shared/str.h"

#define LATE_MS 60000
#define NOT_INSTALLED 77

static char folder[] = "/tmp/annex-unit-XXXXXX";
static char postgres_url[DATABASE_URL_SIZE];
static unsigned made;	/* so that each database has a name of its own */

/* Returns the exit status; the first line said goes to line_r. */
static int
run_postgres(const char *verb, char *line_r, size_t size)
{
	const char *top = getenv("ANNEX_SRCDIR");
	char command[512], rest[256];
	FILE *out;

	snprintf(command, sizeof(command), "PYTHONDONTWRITEBYTECODE=1 "
		 "exec /usr/bin/python3 '%s/t/lib/postgres.py' %s '%s/pg'",
		 top != NULL ? top : ".", verb, folder);
	ensure((out = popen(command, "r")) != NULL);
	if (fgets(line_r, (int)size, out) == NULL)
		line_r[0] = '\0';
	line_r[strcspn(line_r, "\n")] = '\0';
	while (fgets(rest, sizeof(rest), out) != NULL)
		continue;
	return WEXITSTATUS(pclose(out));
}

int
database_folder_new(void)
{
	/* The user postgres must get into it. */
	return mkdtemp(folder) != NULL && chmod(folder, 0755) == 0 ? 0 : -1;
}

int
database_setup(void **state)
{
	int status;

	(void)state;
	if (database_folder_new() < 0)
		return -1;
	status = run_postgres("start", postgres_url, sizeof(postgres_url));
	return status == 0 || status == NOT_INSTALLED ? 0 : -1;
}

void
database_postgres(const char *verb)
{
	char line[DATABASE_URL_SIZE];

	assert_int_equal(run_postgres(verb, line, sizeof(line)), 0);
}

int
database_teardown(void **state)
{
	char command[128];

	(void)state;
	if (*postgres_url != '\0')
		database_postgres("stop");
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : -1;
}

void
database_remove_file(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char name[300];

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

const char *
database_folder(void)
{
	return folder;
}

const char *
database_name(enum database_kind kind)
{
	static const char *const names[] = { "none", "sqlite", "postgresql" };

	return names[kind];
}

unsigned
database_port(void)
{
	char path[64];
	unsigned port = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/pg/port", folder);
	ensure((in = fopen(path, "r")) != NULL);
	ensure(fscanf(in, "%u", &port) == 1);
	fclose(in);
	return port;
}

void
database_sql(const char *sql)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "PGOPTIONS='-c client_min_messages=error' "
		 "psql -XqAt -v ON_ERROR_STOP=1 -h '%s/pg' -p %u "
		 "-U postgres -d annex -c \"%s\" >/dev/null",
		 folder, database_port(), sql);
	assert_int_equal(system(command), 0);
}

void
database_url(enum database_kind kind, char url[DATABASE_URL_SIZE])
{
	if (kind == DATABASE_NONE)
		snprintf(url, DATABASE_URL_SIZE, "none");
	else if (kind == DATABASE_SQLITE)
		snprintf(url, DATABASE_URL_SIZE, "sqlite:%s/%u.db", folder,
			 ++made);
	else if (*postgres_url == '\0')
		fail_msg("no PostgreSQL (Debian package: postgresql)");
	else {
		database_sql("DROP SCHEMA public CASCADE;"
			     "CREATE SCHEMA public AUTHORIZATION annex");
		snprintf(url, DATABASE_URL_SIZE, "%s", postgres_url);
	}
}

static void
on_state(void *ctx, bool up, const char *why)
{
	struct database *db = ctx;

	assert_int_equal(up, store_is_up(db->store));
	db->up = up;
	db->downs += !up;
	snprintf(db->why, sizeof(db->why), "%s", why);
}

struct database *
database_new(enum database_kind kind)
{
	char url[DATABASE_URL_SIZE];
	struct database *db;

	database_url(kind, url);	/* may fail */
	ensure((db = calloc(1, sizeof(*db))) != NULL);
	memcpy(db->url, url, sizeof(db->url));
	db->kind = kind;
	db->settings.read_timeout_secs = 30;
	db->settings.queue_bytes = 64 << 20;
	db->settings.url = db->url;
	db->metrics = metrics_new();
	uv_loop_init(&db->loop);
	uv_timer_init(&db->loop, &db->timer);
	db->timer.data = db;
	return db;
}

void
database_open(struct database *db)
{
	struct error err = { 0 };

	/* The metrics of the store that was open before are in the way. */
	metrics_free(&db->metrics);
	db->metrics = metrics_new();
	db->up = db->closed = false;
	db->downs = 0;
	db->why[0] = '\0';
	if (store_new(&db->loop, &db->settings, db->metrics, &db->store,
		      &err) < 0)
		fail_msg("%s", err.text);
	store_on_state(db->store, on_state, db);
}

static void
on_late(uv_timer_t *timer)
{
	struct database *db = timer->data;

	db->late = true;
}

void
database_wait(struct database *db, const volatile bool *done)
{
	db->late = false;
	uv_update_time(&db->loop);
	uv_timer_start(&db->timer, on_late, LATE_MS, 0);
	while (!*done && !db->late)
		uv_run(&db->loop, UV_RUN_ONCE);
	uv_timer_stop(&db->timer);
	assert_true(*done);
}

void
database_run(struct database *db, unsigned ms)
{
	db->late = false;
	uv_update_time(&db->loop);
	uv_timer_start(&db->timer, on_late, ms, 0);
	while (!db->late)
		uv_run(&db->loop, UV_RUN_ONCE);
}

void
database_wait_up(struct database *db, bool up)
{
	bool there = false;

	db->late = false;
	uv_update_time(&db->loop);
	uv_timer_start(&db->timer, on_late, LATE_MS, 0);
	while (!there && !db->late) {
		there = db->up == up && *db->why != '\0';
		if (!there)
			uv_run(&db->loop, UV_RUN_ONCE);
	}
	uv_timer_stop(&db->timer);
	assert_true(there);
}

static void
on_closed(void *ctx, size_t lost)
{
	struct database *db = ctx;

	db->closed = true;
	db->lost = lost;
}

void
database_close(struct database *db, unsigned secs)
{
	store_close(&db->store, secs, on_closed, db);
	assert_null(db->store);
	assert_false(db->closed);
	database_wait(db, &db->closed);
}

void
database_free(struct database **db)
{
	if (*db == NULL)
		return;
	if ((*db)->store != NULL)
		database_close(*db, 0);
	uv_close((uv_handle_t *)&(*db)->timer, NULL);
	uv_run(&(*db)->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&(*db)->loop), 0);
	metrics_free(&(*db)->metrics);
	free(*db);
	*db = NULL;
}

int
database_drop(void **state)
{
	struct database *db = *state;

	database_free(&db);
	return 0;
}

void
database_answer_fini(struct database_answer *answer)
{
	for (size_t i = 0; i < DATABASE_CELLS; i++)
		free(answer->cells[i]);
	*answer = (struct database_answer){ 0 };
}

void
database_take(void *ctx, const struct store_result *result,
	      const struct error *err)
{
	struct database_answer *answer = ctx;

	assert_true((result == NULL) != (err == NULL));
	answer->done = true;
	answer->calls++;
	if (err != NULL) {
		answer->err = *err;
		return;
	}
	answer->rows = store_rows(result);
	for (size_t i = 0; i < result->columns && answer->rows > 0; i++) {
		const char *text = store_get_text(result, 0, i);

		assert_true(i < DATABASE_CELLS);
		free(answer->cells[i]);
		answer->cells[i] = text != NULL ? strdup(text) : NULL;
	}
}

int64_t
database_ask(struct database *db, const char *sql)
{
	struct database_answer answer = { 0 };
	int64_t number = -1;

	store_read(db->store, sql, NULL, 0, database_take, &answer);
	assert_false(answer.done);
	database_wait(db, &answer.done);
	assert_string_equal(answer.err.text, "");
	assert_true(answer.rows > 0);
	if (answer.cells[0] != NULL)
		number = strtoll(answer.cells[0], NULL, 10);
	database_answer_fini(&answer);
	return number;
}

void
database_do(struct database *db, const char *sql)
{
	struct database_answer answer = { 0 };

	store_write(db->store, sql, NULL, 0, database_take, &answer);
	assert_false(answer.done);
	database_wait(db, &answer.done);
	assert_string_equal(answer.err.text, "");
	database_answer_fini(&answer);
}

long long
database_metric(struct database *db, const char *name)
{
	struct str text = { 0 };
	long long value = -1;

	metrics_print(db->metrics, &text);
	for (char *at = text.data; at != NULL && *at != '\0'; at++) {
		if (strncmp(at, name, strlen(name)) == 0 &&
		    at[strlen(name)] == ' ')
			value = strtoll(at + strlen(name), NULL, 10);
		if ((at = strchr(at, '\n')) == NULL)
			break;
	}
	str_fini(&text);
	return value;
}
