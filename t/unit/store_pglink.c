#include "shared/store_pglink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct bed {
	uv_loop_t loop;
	uv_timer_t timer;	/* of a test that waits for too long */
	struct store_pglink_events events;
	struct store_pglink *link;
	PGconn *conn;		/* NULL while it is down */
	bool up, down, ready, closed;
	unsigned downs;
	char why[400], url[DATABASE_URL_SIZE];
};

static void
on_up(void *ctx, PGconn *conn)
{
	struct bed *bed = ctx;

	bed->conn = conn;
	bed->up = true;
}

static void
on_ready(void *ctx)
{
	struct bed *bed = ctx;

	bed->ready = true;
}

static void
on_down(void *ctx, const char *why)
{
	struct bed *bed = ctx;

	bed->conn = NULL;
	bed->down = true;
	bed->downs++;
	snprintf(bed->why, sizeof(bed->why), "%s", why);
}

static void
on_closed(void *ctx)
{
	struct bed *bed = ctx;

	bed->closed = true;
}

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	uv_loop_init(&bed->loop);
	uv_timer_init(&bed->loop, &bed->timer);
	bed->events = (struct store_pglink_events){
		bed, on_up, on_ready, on_down, on_closed
	};
	database_url(DATABASE_POSTGRES, bed->url);
	*state = bed;
	return 0;
}

static void
on_late(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing happened for a minute");
}

/* Until that has happened since the last time. */
static void
wait_for(struct bed *bed, bool *what)
{
	uv_timer_start(&bed->timer, on_late, 60000, 0);
	while (!*what)
		uv_run(&bed->loop, UV_RUN_ONCE);
	uv_timer_stop(&bed->timer);
	*what = false;
}

static void
open_link(struct bed *bed)
{
	struct error err = { 0 };

	assert_int_equal(store_pglink_open(&bed->loop, bed->url, &bed->events,
					   &bed->link, &err), 0);
	/* Nothing happens inside of it. */
	assert_false(bed->up || bed->down);
}

static void
close_link(struct bed *bed)
{
	store_pglink_close(bed->link);
	assert_false(bed->closed);
	wait_for(bed, &bed->closed);
	bed->link = NULL;
	bed->conn = NULL;
	bed->up = bed->down = bed->ready = false;
	bed->downs = 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	if (bed->link != NULL)
		close_link(bed);
	uv_close((uv_handle_t *)&bed->timer, NULL);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	free(bed);
	return 0;
}

static void
set_url(struct bed *bed, const char *rest)
{
	snprintf(bed->url, sizeof(bed->url), "postgresql://%s", rest);
}

static void
ask(struct bed *bed)
{
	assert_int_equal(PQsendQueryParams(bed->conn, "SELECT 7", 0, NULL,
					   NULL, NULL, NULL, 0), 1);
	assert_int_equal(PQpipelineSync(bed->conn), 1);
	store_pglink_flush(bed->link);
}

static void
carries_questions(void **state)
{
	struct bed *bed = *state;
	PGresult *res;

	open_link(bed);
	wait_for(bed, &bed->up);
	assert_int_equal(PQisnonblocking(bed->conn), 1);
	assert_int_equal(PQpipelineStatus(bed->conn), PQ_PIPELINE_ON);
	assert_string_equal(PQparameterStatus(bed->conn, "application_name"),
			    "annex");
	ask(bed);
	do
		wait_for(bed, &bed->ready);
	while (PQisBusy(bed->conn));
	res = PQgetResult(bed->conn);
	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	assert_string_equal(PQgetvalue(res, 0, 0), "7");
	PQclear(res);
	assert_int_equal(bed->downs, 0);
}

/* By itself, after a pause. */
static void
comes_back(void **state)
{
	struct bed *bed = *state;

	open_link(bed);
	wait_for(bed, &bed->up);
	store_pglink_drop(bed->link, "first\n\tline \n second\n");
	assert_true(bed->down);
	assert_string_equal(bed->why, "first line second");
	assert_false(bed->up);
	wait_for(bed, &bed->up);
	store_pglink_proven(bed->link);
	store_pglink_drop(bed->link, "");
	assert_string_equal(bed->why, "the connection was lost");
	/* What is sent meanwhile goes nowhere. */
	store_pglink_flush(bed->link);
	wait_for(bed, &bed->up);
	assert_int_equal(bed->downs, 2);
}

/* What the server said last is still to be had. */
static void
notices_an_operator(void **state)
{
	struct bed *bed = *state;

	open_link(bed);
	wait_for(bed, &bed->up);
	database_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		     " WHERE usename = 'annex'");
	wait_for(bed, &bed->ready);
	wait_for(bed, &bed->down);
	assert_true(strlen(bed->why) > 10);
	wait_for(bed, &bed->up);
}

/* Each is refused at first, with this reason; the SQL helps. */
static const struct {
	const char *role, *database, *sql, *why, *cure;
} refusals[] = {
	{ "annex:wrong", "annex", "SELECT 1",
	  "password authentication failed for user \"annex\"",
	  "ALTER ROLE annex PASSWORD 'wrong'" },
	{ "annex:wrong", "later", "ALTER ROLE annex PASSWORD 'wrong'",
	  "database \"later\" does not exist", "CREATE DATABASE later" },
	{ "stranger:x", "annex", "SELECT 1",
	  "password authentication failed for user \"stranger\"",
	  "CREATE ROLE stranger LOGIN PASSWORD 'x'" },
	{ "annex:annex", "annex", "ALTER ROLE annex PASSWORD 'annex';"
	  "ALTER ROLE annex SET default_transaction_read_only = on",
	  "session is read-only",
	  "ALTER ROLE annex RESET default_transaction_read_only" },
};

static void
waits_while_refused(void **state)
{
	struct bed *bed = *state;
	char rest[200];

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		database_sql(refusals[i].sql);
		snprintf(rest, sizeof(rest), "%s@127.0.0.1:%u/%s",
			 refusals[i].role, database_port(),
			 refusals[i].database);
		set_url(bed, rest);
		open_link(bed);
		for (int attempt = 0; attempt < 2; attempt++) {
			wait_for(bed, &bed->down);
			assert_non_null(strstr(bed->why, refusals[i].why));
		}
		assert_false(bed->up);
		database_sql(refusals[i].cure);
		wait_for(bed, &bed->up);
		close_link(bed);
	}
	database_sql("DROP DATABASE later");
	database_sql("DROP ROLE stranger");
}

static void
wants_utf8(void **state)
{
	struct bed *bed = *state;
	char rest[100];

	database_sql("CREATE DATABASE latin TEMPLATE template0"
		     " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
	snprintf(rest, sizeof(rest), "annex:annex@127.0.0.1:%u/latin",
		 database_port());
	set_url(bed, rest);
	open_link(bed);
	wait_for(bed, &bed->down);
	assert_non_null(strstr(bed->why, "UTF8"));
	close_link(bed);
	database_sql("DROP DATABASE latin");
}

/* Takes connections into its backlog and says nothing. */
static int
listen_silently(unsigned *port_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port_r = ntohs(at.sin_port);
	return fd;
}

static void
tries_other_hosts(void **state)
{
	struct bed *bed = *state;
	unsigned silent, dead;
	int listening = listen_silently(&silent);
	char rest[200];

	close(listen_silently(&dead));
	snprintf(rest, sizeof(rest), "annex:annex@nowhere.invalid:1,"
		 "127.0.0.1:%u,127.0.0.1:%u,localhost:%u/annex"
		 "?connect_timeout=1", dead, silent, database_port());
	set_url(bed, rest);
	open_link(bed);
	wait_for(bed, &bed->up);
	assert_string_equal(PQhost(bed->conn), "localhost");
	close(listening);
}

static void
says_what_it_cannot_look_up(void **state)
{
	struct bed *bed = *state;

	set_url(bed, "annex:annex@nowhere.invalid/annex");
	open_link(bed);
	wait_for(bed, &bed->down);
	assert_non_null(strstr(bed->why, "nowhere.invalid"));
	/* Closing while a name is being looked up. */
	close_link(bed);
	open_link(bed);
	uv_run(&bed->loop, UV_RUN_NOWAIT);
	close_link(bed);
}

static void
closes_at_once(void **state)
{
	struct bed *bed = *state;

	open_link(bed);
	close_link(bed);
	assert_int_equal(bed->downs, 0);
}

/* And without telling the password. */
static const char *const urls[] = {
	"postgresql://u:secret@h/d?sslmoed=x",
	"postgresql://user:secret%zz@host/db", "host=x secret",
	"postgresql://user:secret@host/db?port",
	"postgresql://user:secret@[::1]x/db",
};

static void
refuses_urls(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct error err = { 0 };

		assert_int_equal(store_pglink_open(&bed->loop, urls[i],
						   &bed->events, &bed->link,
						   &err), -1);
		assert_null(bed->link);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_true(strlen(err.text) > 10);
		assert_null(strstr(err.text, "secret"));
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(carries_questions),
		TEST(comes_back),
		TEST(notices_an_operator),
		TEST(waits_while_refused),
		TEST(wants_utf8),
		TEST(tries_other_hosts),
		TEST(says_what_it_cannot_look_up),
		TEST(closes_at_once),
		TEST(refuses_urls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_pglink", tests,
					   database_setup, database_teardown);
}
