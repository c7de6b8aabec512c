/*
 * probe.h - the servers of a policy are asked again and again whether they
 * work, by a GET of a path of theirs; so it is known before a stanza waits.
 */
#ifndef ARCHIVE_PROBE_H
#define ARCHIVE_PROBE_H

#include <stddef.h>
#include <uv.h>

struct error;
struct httpclient_plan;
struct judge;
struct probe;

struct probe_plan {
	const char *path;
	unsigned pause_ms;	/* between two times */
	unsigned timeout_ms;	/* of each; no longer than the pause */
	const struct httpclient_plan *client;
	/* Who are asked, and told what came of it; they outlive it. */
	struct judge *judges;
	size_t count;
};

/* Whether it is a path.  Returns 0, or -1 with err. */
int probe_check(const char *path, struct error *err);

struct probe *probe_new(uv_loop_t *loop, const struct probe_plan *plan);
/* Not from within one of its own callbacks.  It may be NULL. */
void probe_free(struct probe **probe);

#endif
