#include "t/lib/tapbed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "t/lib/archivebed.h"
#include "t/lib/bed.h"
#include "t/lib/declaration.h"

#define LATE_ROUNDS 6000	/* of 10 ms */
#define TURN_MS 10

/* components/archive/main.c, which gives its constant to component_main(). */
int archive_main(int argc, char **argv);

static const struct component *declared;
static const char *const hosts[] = { "example", "other", NULL };
static const char *const nobody[] = { NULL };
static const struct setting_titled no_sections[] = { { .title = NULL } };

void
tapbed_start(struct tapbed *bed)
{
	struct runtime *runtime = &bed->hooks->runtime;
	struct error err = { 0 };
	void *ctx;

	declared = declaration_of(archive_main);
	metrics_free(&bed->metrics);
	bed->metrics = runtime->metrics = metrics_new();
	runtime->loop = &bed->db->loop;
	runtime->store = bed->db->store;
	runtime->schema = bed->schema;
	ensure(declared->start(runtime, &bed->settings, &ctx, &err) == 0);
	bed->archive = ctx;
	hook_attend(runtime->hook, ctx);
}

void
tapbed_begin_stop(struct tapbed *bed)
{
	declared->stop(bed->archive);
	bed->stopping = true;
}

void
tapbed_stop(struct tapbed *bed)
{
	if (!bed->stopping)
		tapbed_begin_stop(bed);
	bed->stopping = false;
	for (int i = 0; i < LATE_ROUNDS && !declaration_stopped(); i++)
		database_run(bed->db, TURN_MS);
	ensure(declaration_stopped());
	fake_router_time_out(bed->hooks->runtime.router);
	database_close(bed->db, 0);
	declared->free(bed->archive);
	bed->archive = NULL;
	database_open(bed->db);
}

static void
lock(struct tapbed *bed, const char *path)
{
	ensure(sqlite3_open(path, &bed->other) == SQLITE_OK);
	sqlite3_busy_timeout(bed->other, LATE_ROUNDS * TURN_MS);
	ensure(sqlite3_exec(bed->other, "BEGIN IMMEDIATE", NULL, NULL,
			    NULL) == SQLITE_OK);
}

void
tapbed_lock_journal(struct tapbed *bed)
{
	lock(bed, bed->journal);
}

void
tapbed_lock_database(struct tapbed *bed)
{
	lock(bed, bed->db->url + strlen("sqlite:"));
}

void
tapbed_unlock(struct tapbed *bed)
{
	ensure(sqlite3_close(bed->other) == SQLITE_OK);
	bed->other = NULL;
}

int
tapbed_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

int
tapbed_setup(void **state)
{
	static unsigned made;
	struct tapbed *bed = calloc(1, sizeof(*bed));
	const char *top = getenv("ANNEX_SRCDIR");

	ensure(bed != NULL);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema",
		 top != NULL ? top : ".");
	snprintf(bed->journal, sizeof(bed->journal), "%s/journal%u",
		 database_folder(), ++made);
	bed->settings.journal = bed->journal;
	bed->settings.journal_bytes = 2 << 20;
	bed->settings.page_max = 100;
	bed->settings.default_preference = "always";
	bed->settings.auditors = nobody;
	bed->settings.group = no_sections;
	bed->settings.rule = no_sections;
	bed->settings.policy = no_sections;
	bed->settings.events = no_sections;
	bed->settings.disclosure = no_sections;
	bed->settings.journaling = no_sections;
	bed->settings.compliance = no_sections;
	bed->settings.reviewers = nobody;
	bed->settings.retention = nobody;
	bed->settings.retract = "tombstone";
	declared = declaration_of(archive_main);
	bed->hooks = hookbed_new(declared->hooks, hosts);
	bed->others = bed->hooks->runtime.metrics;
	bed->db = archivebed_new(DATABASE_SQLITE);
	tapbed_start(bed);
	tapbed_greet(bed, "e1");
	*state = bed;
	return 0;
}

int
tapbed_teardown(void **state)
{
	struct tapbed *bed = *state;

	if (bed->other != NULL)
		tapbed_unlock(bed);
	if (bed->archive != NULL)
		tapbed_stop(bed);
	bed->hooks->runtime.metrics = bed->others;
	bed->hooks->runtime.loop = &bed->hooks->loop;
	hookbed_free(&bed->hooks);
	database_free(&bed->db);
	metrics_free(&bed->metrics);
	free(bed);
	return 0;
}

void
tapbed_greet(struct tapbed *bed, const char *epoch)
{
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<message from='example' "
		"to='comp.example'><hello xmlns='urn:x-annex:0' version='1' "
		"epoch='%s' hooks='tap'/></message>", epoch));
}

void
tapbed_link(struct tapbed *bed, bool up)
{
	hook_link(bed->hooks->runtime.hook, up);
}

/* What was sent is looked at by those who wait. */
void
tapbed_receive(struct tapbed *bed, const char *attributes,
	       const char *message)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, bed_xml(
		arena, NS_COMPONENT, arena_printf(
			arena, "<message from='example' to='comp.example'>"
			"<tap xmlns='urn:x-annex:0' %s>"
			"<forwarded xmlns='urn:xmpp:forward:0'><delay "
			"xmlns='urn:xmpp:delay' "
			"stamp='2026-11-29T12:00:00.000Z'/>%s</forwarded>"
			"</tap></message>", attributes, message)));
}

void
tapbed_tap(struct tapbed *bed, unsigned seq, const char *id, const char *body)
{
	struct arena *arena = bed->hooks->arena;

	tapbed_receive(bed, arena_printf(
			       arena, "seq='%u' id='%s' dir='both' "
			       "origin='local'", seq, id),
		       arena_printf(arena, "<message xmlns='jabber:client' "
				    "type='chat' from='r@example/o' "
				    "to='j@example'><body>%s</body>"
				    "</message>", body));
}

/* Those that are allowed are told on the other loop. */
void
tapbed_turn(struct tapbed *bed)
{
	database_run(bed->db, TURN_MS);
	uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
}

void
tapbed_wait_sent(struct tapbed *bed, const char *text)
{
	struct router *router = bed->hooks->runtime.router;

	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (strstr(fake_router_sent(router), text) != NULL)
			return;
		tapbed_turn(bed);
	}
	error_panic(__FILE__, __LINE__, text);
}

void
tapbed_wait_ack(struct tapbed *bed, unsigned seq)
{
	char ack[64];

	snprintf(ack, sizeof(ack), "<ack xmlns='urn:x-annex:0' seq='%u'/>",
		 seq);
	tapbed_wait_sent(bed, ack);
}

void
tapbed_wait(struct tapbed *bed, const char *sql, int64_t wanted)
{
	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (database_ask(bed->db, sql) == wanted)
			return;
		database_run(bed->db, TURN_MS);
	}
	error_panic(__FILE__, __LINE__, sql);
}

void
tapbed_wait_drained(struct tapbed *bed)
{
	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (journal_count(bed->archive->journal).entries == 0)
			return;
		tapbed_turn(bed);
	}
	error_panic(__FILE__, __LINE__, "the journal is not drained");
}

const char *
tapbed_sent(struct tapbed *bed)
{
	return hookbed_sent(bed->hooks);
}

long long
tapbed_metric(struct tapbed *bed, const char *name)
{
	struct metrics *own = bed->db->metrics;
	long long value;

	bed->db->metrics = bed->metrics;
	value = database_metric(bed->db, name);
	bed->db->metrics = own;
	return value;
}
