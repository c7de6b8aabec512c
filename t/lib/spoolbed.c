#include "t/lib/spoolbed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/arena.h"

struct spoolbed *
spoolbed_new(void)
{
	struct spoolbed *bed = calloc(1, sizeof(*bed));

	ensure(bed != NULL);
	snprintf(bed->folder, sizeof(bed->folder), "/tmp/annex-spool-XXXXXX");
	ensure(mkdtemp(bed->folder) != NULL);
	ensure(uv_loop_init(&bed->loop) == 0);
	bed->runtime.loop = &bed->loop;
	bed->page.arena = arena_new();
	return bed;
}

void
spoolbed_free(struct spoolbed **bed_)
{
	struct spoolbed *bed = *bed_;
	char command[128];

	spoolbed_close(bed);
	uv_run(bed->runtime.loop, UV_RUN_DEFAULT);
	ensure(uv_loop_close(&bed->loop) == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", bed->folder);
	ensure(system(command) == 0);
	arena_free(&bed->page.arena);
	str_fini(&bed->said);
	free(bed);
	*bed_ = NULL;
}

int
spoolbed_setup(void **state)
{
	*state = spoolbed_new();
	return 0;
}

int
spoolbed_teardown(void **state)
{
	struct spoolbed *bed = *state;

	spoolbed_free(&bed);
	return 0;
}

const char *
spoolbed_path(struct spoolbed *bed, const char *name)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s", bed->folder, name);
	return path;
}

void
spoolbed_write(struct spoolbed *bed, const char *name, const char *text)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s", spoolbed_path(bed, name));
	for (char *at = path + strlen(bed->folder) + 1;
	     (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
	if (text == NULL) {
		ensure(mkdir(path, 0700) == 0);
		return;
	}
	ensure((file = fopen(path, "w")) != NULL);
	ensure(fputs(text, file) >= 0);
	ensure(fclose(file) == 0);
}

int
spoolbed_open(struct spoolbed *bed, const struct spool *spool,
	      const char *place)
{
	spoolbed_close(bed);
	bed->spool = spool;
	bed->err = (struct error){ 0 };
	bed->page.last = false;
	bed->page.done = bed->page.total = 0;
	bed->pages = 0;
	return spool->open(&bed->runtime, place, bed->content, &bed->source,
			   &bed->err);
}

static void
add_record(struct str *said, const struct spool_record *record)
{
	str_addf(said, "%s@%s %s: ", record->user ? record->user : "-",
		 record->host ? record->host : "-", record->place);
	if (record->fault != NULL)
		str_addf(said, "%s\n", record->fault);
	else
		str_addf(said, "%s %" PRId64 " ",
			 record->key ? record->key : "-", record->stamp);
	if (record->fault == NULL && record->peer != NULL &&
	    *record->peer != '\0')
		str_addf(said, "with %s: ", record->peer);
	if (record->fault == NULL && record->nick != NULL)
		str_addf(said, "as %s: ", record->nick);
	if (record->fault == NULL)
		str_addf(said, "%s\n", record->stanza);
}

static void
on_page(void *ctx, const struct error *err)
{
	struct spoolbed *bed = ctx;

	ensure(!bed->told && bed->page.count <= SPOOL_PAGE);
	bed->told = true;
	bed->pages++;
	for (size_t i = 0; i < bed->page.count; i++)
		add_record(&bed->said, &bed->page.records[i]);
	if (err == NULL)
		return;
	bed->err = *err;
	str_addf(&bed->said, "error: %s\n", err->text);
}

void
spoolbed_ask(struct spoolbed *bed)
{
	arena_reset(bed->page.arena);
	bed->page.count = 0;
	bed->page.began_ns = uv_hrtime();
	bed->told = false;
	bed->spool->read(bed->source, &bed->page, on_page, bed);
}

bool
spoolbed_page(struct spoolbed *bed)
{
	spoolbed_ask(bed);
	while (!bed->told)
		uv_run(bed->runtime.loop, UV_RUN_ONCE);
	return !bed->page.last && bed->err.cond == ERROR_NONE;
}

const char *
spoolbed_read(struct spoolbed *bed)
{
	str_clear(&bed->said);
	str_addz(&bed->said, "");
	while (spoolbed_page(bed))
		continue;
	return bed->said.data;
}

void
spoolbed_close(struct spoolbed *bed)
{
	if (bed->source != NULL)
		bed->spool->close(bed->source);
	bed->source = NULL;
}
