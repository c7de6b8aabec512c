/*
 * arrears.h - all that waits to be mailed for one section journaling.
 *
 * The section is opened in the tables (post.h), which are told from then on
 * that its daemon is there; and what waits is counted every few seconds.
 */
#ifndef ARCHIVE_ARREARS_H
#define ARCHIVE_ARREARS_H

#include <stdint.h>
#include <uv.h>

struct arrears;
struct store;

struct arrears_plan {
	uv_loop_t *loop;
	struct store *store;
	const char *domain, *title;	/* stay as long as they are not freed */
	int64_t alarm_secs;		/* so old nothing is to become */
	/* Called once, when it is open by that id; never from within
	   arrears_new(). */
	void (*opened)(void *ctx, int64_t id);
	void *ctx;
};

/* A database that fails is asked again until it answers. */
struct arrears *arrears_new(const struct arrears_plan *plan);
/* At any time.  What the store has not answered yet does not matter. */
void arrears_free(struct arrears **arrears);

void arrears_set_alarm(struct arrears *arrears, int64_t secs);

/* How many wait, as far as they are counted; how old the oldest is; and how
   many were set aside.  All as it was some seconds ago. */
struct arrears_count {
	uint64_t waiting, aside;
	int64_t oldest_secs;
};
struct arrears_count arrears_count(const struct arrears *arrears);
/* What wants somebody's attention, or NULL. */
const char *arrears_alarm(const struct arrears *arrears);

#endif
