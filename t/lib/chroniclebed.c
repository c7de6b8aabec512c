#include "t/lib/chroniclebed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_entry.h"
#include "shared/arena.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/archivebed.h"
#include "t/lib/bed.h"

#define ROUNDS 6000	/* of 10 ms */

int
chroniclebed_open(struct chroniclebed *bed)
{
	metrics_free(&bed->runtime.metrics);
	bed->runtime.metrics = metrics_new();
	bed->runtime.loop = &bed->db->loop;
	bed->runtime.store = bed->db->store;
	bed->muc.coverage = coverage_of(bed->settings.archive);
	bed->stopped = false;
	return chronicle_new(&bed->runtime, &bed->settings,
			     &bed->muc.chronicle, &bed->err);
}

static void
on_stopped(void *ctx)
{
	struct chroniclebed *bed = ctx;

	bed->stopped = true;
}

void
chroniclebed_close(struct chroniclebed *bed)
{
	chronicle_stop(bed->muc.chronicle, on_stopped, bed);
	for (int i = 0; i < ROUNDS && !bed->stopped; i++)
		database_run(bed->db, 10);
	assert_true(bed->stopped);
	database_close(bed->db, 1);
	chronicle_free(&bed->muc.chronicle);
	database_open(bed->db);
}

int
chroniclebed_setup(void **state)
{
	const char *top = getenv("ANNEX_SRCDIR");
	struct chroniclebed *bed = calloc(1, sizeof(*bed));
	static unsigned made;

	assert_non_null(bed);
	bed->db = archivebed_new(DATABASE_SQLITE);
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema",
		 top != NULL ? top : ".");
	snprintf(bed->journal, sizeof(bed->journal), "%s/muc%u.journal",
		 database_folder(), ++made);
	bed->runtime.domain = "muc.example";
	bed->runtime.schema = bed->schema;
	bed->settings.archive = "chosen";
	bed->settings.retract = "tombstone";
	bed->settings.archive_unwanted = bed->unwanted;
	bed->muc.settings = &bed->settings;
	bed->settings.journal = bed->journal;
	bed->settings.journal_bytes = CHRONICLEBED_BYTES;
	snprintf(bed->jid, sizeof(bed->jid), "r@muc.example");
	bed->room = (struct room){
		.muc = &bed->muc, .jid = bed->jid, .created = 77,
		.state = ROOM_OPEN, .options = {
			.persistentroom = true, .enablearchiving = true,
		},
	};
	bed->arena = arena_new();
	*state = bed;
	return chroniclebed_open(bed);
}

int
chroniclebed_teardown(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_close(bed);
	database_free(&bed->db);
	metrics_free(&bed->runtime.metrics);
	arena_free(&bed->arena);
	free(bed);
	return 0;
}

struct request
chroniclebed_request(struct chroniclebed *bed, const char *children)
{
	struct request req = { .runtime = &bed->runtime,
			       .arena = bed->arena };
	struct xml *el = bed_xml(bed->arena, NS_CLIENT,
		arena_printf(bed->arena, "<message type='groupchat' id='m1' "
			     "xml:lang='de' from='ann@a.example/1' "
			     "to='r@muc.example'>%s</message>", children));

	assert_int_equal(stanza_parse(bed->arena, el, &req.stanza,
				      &bed->err), 0);
	return req;
}

void
chroniclebed_say(struct chroniclebed *bed, const char *uid, const char *body)
{
	struct request req = chroniclebed_request(bed, arena_printf(bed->arena,
		"<body>%s</body><a xmlns='urn:a'/>", body));

	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = &bed->room, .stanza = &req.stanza, .nick = "Ann",
		.uid = uid, .stamp = 1700000000000000,
	});
}

void
chroniclebed_wait(struct chroniclebed *bed, const char *sql, int64_t wanted)
{
	int64_t found = -1;

	for (int i = 0; i < ROUNDS; i++) {
		found = database_ask(bed->db, sql);
		if (found == wanted)
			return;
		database_run(bed->db, 10);
	}
	fail_msg("%s: %d", sql, (int)found);
}

int
chroniclebed_folder(void **state)
{
	(void)state;
	return database_folder_new();
}
