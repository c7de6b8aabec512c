#include "shared/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/database.h"
#include "t/lib/spoolbed.h"

#define PROSODY "CREATE TABLE prosodyarchive (sort_id BIGINT PRIMARY KEY, " \
	"host TEXT, \"user\" TEXT, store TEXT, \"key\" TEXT, \"when\" " \
	"BIGINT, \"with\" TEXT, type TEXT, value TEXT)"
#define EJABBERD "CREATE TABLE spool (username TEXT, xml TEXT, seq BIGINT)"
#define EJABBERD_NEW "CREATE TABLE spool (username TEXT, server_host TEXT, " \
	"xml TEXT, seq BIGINT)"

static const enum database_kind kinds[] = {
	DATABASE_SQLITE, DATABASE_POSTGRES,
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A router's database, in which statements that end with NULL were done; its
   URL. */
static void
make(enum database_kind kind, const char *const *statements,
     char url[DATABASE_URL_SIZE])
{
	struct database *db = database_new(kind);

	database_open(db);
	for (; *statements != NULL; statements++)
		database_do(db, *statements);
	snprintf(url, DATABASE_URL_SIZE, "%s", db->url);
	database_free(&db);
}
#define MAKE(kind, url, ...) \
	make(kind, (const char *const[]){ __VA_ARGS__, NULL }, url)

static const char *
read_all(struct spoolbed *bed, const struct spool *spool, const char *url)
{
	assert_int_equal(spoolbed_open(bed, spool, url), 0);
	return spoolbed_read(bed);
}

static void
reads_what_prosody_has(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, PROSODY,
		     "INSERT INTO prosodyarchive VALUES "
		     "(7, 'a', 'j', 'offline', 'k7', 1795976662, '', 'xml', "
		     "'<second/>'), "
		     "(0, 'a', 'j', 'offline', 'k0', 1795976663, '', 'xml', "
		     "'<first/>'), "
		     "(8, 'a', 'j', 'archive', 'k8', 1, '', 'xml', '<x/>'), "
		     "(9, 'b', 'k', 'offline', 'k9', NULL, '', 'xml', "
		     "'<third/>')");
		assert_string_equal(read_all(bed, &prosody_sql_spool, url),
			"j@a row 0: k0 1795976663000000 <first/>\n"
			"j@a row 7: k7 1795976662000000 <second/>\n"
			"k@b row 9: k9 0 <third/>\n");
		assert_int_equal(bed->page.done, 3);
		assert_int_equal(bed->page.total, 3);
	}
}

static void
names_rows_that_are_broken(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, PROSODY,
		     "INSERT INTO prosodyarchive VALUES "
		     "(1, 'a', 'j', 'offline', 'k1', 1, '', 'json', '[]'), "
		     "(2, 'a', 'j', 'offline', 'k2', 1, '', NULL, '<x/>'), "
		     "(3, 'a', 'j', 'offline', 'k3', 1, '', 'xml', NULL), "
		     "(4, NULL, NULL, 'offline', NULL, 1, '', 'xml', "
		     "'<one/>')");
		assert_string_equal(read_all(bed, &prosody_sql_spool, url),
			"j@a row 1: it is not stored as XML\n"
			"j@a row 2: it is not stored as XML\n"
			"j@a row 3: there is no stanza\n"
			"-@- row 4: - 1000000 <one/>\n");
	}
}

/* The time is in the stanza, and in the old schema the host as well. */
static void
reads_what_ejabberd_has_by_both_schemas(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, EJABBERD,
		     "INSERT INTO spool VALUES ('j', '<second/>', 5), "
		     "('j', '<first/>', 3), ('j', NULL, 6), "
		     "(NULL, '<third/>', 9223372036854775807)");
		assert_string_equal(read_all(bed, &ejabberd_sql_spool, url),
			"j@- row 3: 3 0 <first/>\n"
			"j@- row 5: 5 0 <second/>\n"
			"j@- row 6: there is no stanza\n"
			"-@- row 9223372036854775807: 9223372036854775807 0 "
			"<third/>\n");
		MAKE(kinds[i], url, EJABBERD_NEW,
		     "INSERT INTO spool VALUES ('j', 'a', '<one/>', 3), "
		     "('k', 'b', '<two/>', 4)");
		assert_string_equal(read_all(bed, &ejabberd_sql_spool, url),
			"j@a row 3: 3 0 <one/>\n"
			"k@b row 4: 4 0 <two/>\n");
	}
}

#define ARCHIVE "CREATE TABLE archive (username TEXT, " \
	"timestamp BIGINT, peer TEXT, bare_peer TEXT, xml TEXT, txt TEXT, " \
	"id BIGINT, kind TEXT, nick TEXT)"
#define ARCHIVE_NEW "CREATE TABLE archive (username TEXT, " \
	"server_host TEXT, timestamp BIGINT, peer TEXT, bare_peer TEXT, " \
	"xml TEXT, txt TEXT, id BIGINT, kind TEXT, nick TEXT)"

static void
reads_archives_of_users_or_rooms(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	bed->content = SPOOL_ARCHIVE;
	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, PROSODY,
		     "INSERT INTO prosodyarchive VALUES "
		     "(1, 'a', 'j', 'offline', 'k1', 1, '', 'xml', '<x/>'), "
		     "(2, 'a', 'j', 'archive', 'k2', 1795976662, 'r@b', "
		     "'xml', '<one/>'), "
		     "(3, 'c', 'j', 'muc_log', 'k3', 1, '', 'xml', '<x/>')");
		assert_string_equal(read_all(bed, &prosody_sql_spool, url),
			"j@a row 2: k2 1795976662000000 with r@b: <one/>\n");
		bed->content = SPOOL_ROOMS;
		assert_string_equal(read_all(bed, &prosody_sql_spool, url),
			"j@c row 3: k3 1000000 <x/>\n");
		bed->content = SPOOL_ARCHIVE;
		MAKE(kinds[i], url, ARCHIVE,
		     "INSERT INTO archive VALUES "
		     "('j', 1795976662000007, '', 'r@b', '<one/>', '', 5, "
		     "'chat', ''), "
		     "('x@c', 1795976662000008, '', 'r@b', '<x/>', '', 6, "
		     "'groupchat', 'nick'), "
		     "('j', 1795976662000009, '', 'r@b', '\x01', '', 7, "
		     "NULL, '')");
		assert_string_equal(read_all(bed, &ejabberd_sql_spool, url),
			"j@- row 5: 1795976662000007 1795976662000007 "
			"with r@b: <one/>\n"
			"j@- row 7: it is not stored as XML\n");
		assert_int_equal(bed->page.total, 2);
		bed->content = SPOOL_ROOMS;
		assert_string_equal(read_all(bed, &ejabberd_sql_spool, url),
			"x@c row 6: 1795976662000008 1795976662000008 "
			"with r@b: as nick: <x/>\n");
		bed->content = SPOOL_ARCHIVE;
		MAKE(kinds[i], url, ARCHIVE_NEW,
		     "INSERT INTO archive VALUES ('j', 'a', 7, '', 'r@b', "
		     "'<one/>', '', 5, 'chat', '')");
		assert_string_equal(read_all(bed, &ejabberd_sql_spool, url),
			"j@a row 5: 7 7 with r@b: <one/>\n");
	}
}

/* A whole page at the end is followed by one that is empty. */
static void
reads_page_by_page(void **state)
{
	static const struct {
		const char *fill;
		unsigned rows, pages;
	} sizes[] = {
		{ "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		  "FROM n WHERE i < 250) INSERT INTO spool SELECT 'j', "
		  "'<x/>', i * 1000 FROM n", 250, 3 },
		{ "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		  "FROM n WHERE i < 200) INSERT INTO spool SELECT 'j', "
		  "'<x/>', i * 1000 FROM n", 200, 3 },
		{ "DELETE FROM spool", 0, 1 },
	};
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE], last[40];

	for (size_t i = 0; i < KINDS; i++) {
		for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
			MAKE(kinds[i], url, EJABBERD, sizes[n].fill);
			read_all(bed, &ejabberd_sql_spool, url);
			assert_int_equal(bed->pages, sizes[n].pages);
			assert_int_equal(bed->page.done, sizes[n].rows);
			assert_int_equal(bed->page.total, sizes[n].rows);
			snprintf(last, sizeof(last), "row %u000: ",
				 sizes[n].rows);
			assert_true((strstr(bed->said.data, last) != NULL) ==
				    (sizes[n].rows > 0));
		}
	}
}

static void
leaves_the_table_as_it_is(void **state)
{
	struct spoolbed *bed = *state;
	struct database *db = database_new(DATABASE_SQLITE);

	database_open(db);
	database_do(db, EJABBERD);
	database_do(db, "INSERT INTO spool VALUES ('j', '<one/>', 1)");
	read_all(bed, &ejabberd_sql_spool, db->url);
	assert_int_equal(database_ask(db, "SELECT COUNT(*) FROM spool"), 1);
	assert_int_equal(database_ask(db, "SELECT COUNT(*) FROM "
				      "sqlite_master"), 1);
	database_free(&db);
}

static void
says_when_there_is_no_such_table(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, "CREATE TABLE other (one TEXT)");
		assert_string_equal(read_all(bed, &prosody_sql_spool, url),
			"error: the router's table cannot be read: the log "
			"says why\n");
		assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
		MAKE(kinds[i], url, "CREATE TABLE spool (seq BIGINT)");
		read_all(bed, &ejabberd_sql_spool, url);
		assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
	}
}

static const struct {
	const char *place;
	enum error_cond cond;	/* of open */
} places[] = {
	{ "none", ERROR_NOT_ACCEPTABLE },
	{ "sqlite::memory:", ERROR_NOT_ACCEPTABLE },
	{ "sqlite:file::memory:?cache=shared", ERROR_NOT_ACCEPTABLE },
	{ "", ERROR_BAD_REQUEST },
	{ "/var/lib/prosody", ERROR_BAD_REQUEST },
	{ "mysql://localhost/ejabberd", ERROR_BAD_REQUEST },
	{ "sqlite:/nowhere/at.all", ERROR_NONE },
	{ "postgresql://127.0.0.1:1/x", ERROR_NONE },
};

/* What may come yet is not waited for. */
static void
says_when_there_is_no_such_database(void **state)
{
	struct spoolbed *bed = *state;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int ret = spoolbed_open(bed, &prosody_sql_spool,
					places[i].place);

		assert_int_equal(ret, places[i].cond == ERROR_NONE ? 0 : -1);
		assert_int_equal(bed->err.cond, places[i].cond);
		if (ret < 0)
			continue;
		spoolbed_read(bed);
		assert_int_equal(bed->err.cond, ERROR_SERVICE_UNAVAILABLE);
	}
}

static void
says_nothing_once_it_is_closed(void **state)
{
	struct spoolbed *bed = *state;
	char url[DATABASE_URL_SIZE];

	for (size_t i = 0; i < KINDS; i++) {
		MAKE(kinds[i], url, EJABBERD,
		     "INSERT INTO spool VALUES ('j', '<one/>', 1)");
		for (int turns = 0; turns < 20; turns++) {
			assert_int_equal(spoolbed_open(bed,
						       &ejabberd_sql_spool,
						       url), 0);
			spoolbed_ask(bed);
			for (int n = 0; n < turns && !bed->told; n++)
				uv_run(&bed->loop, UV_RUN_NOWAIT);
			spoolbed_close(bed);
			bed->told = true;	/* no more of it is allowed */
			uv_run(&bed->loop, UV_RUN_DEFAULT);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOLBED_TEST(reads_what_prosody_has),
		SPOOLBED_TEST(names_rows_that_are_broken),
		SPOOLBED_TEST(reads_what_ejabberd_has_by_both_schemas),
		SPOOLBED_TEST(reads_archives_of_users_or_rooms),
		SPOOLBED_TEST(reads_page_by_page),
		SPOOLBED_TEST(leaves_the_table_as_it_is),
		SPOOLBED_TEST(says_when_there_is_no_such_table),
		SPOOLBED_TEST(says_when_there_is_no_such_database),
		SPOOLBED_TEST(says_nothing_once_it_is_closed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spool_sql", tests,
					   database_setup, database_teardown);
}
