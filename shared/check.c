#include "shared/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "shared/component.h"
#include "shared/error.h"
#include "shared/metric.h"
#include "shared/section.h"
#include "shared/store.h"
#include "shared/tables.h"

/* A start waits for its database; whoever checks wants to know now. */
#define PATIENCE_MS 10000

struct check {
	struct store *store;
	uv_timer_t timer;
	bool done;
	int status;
	struct error why;	/* the store is away */
};

static void
on_closed(void *ctx, size_t lost)
{
	struct check *check = ctx;

	(void)lost;
	uv_close((uv_handle_t *)&check->timer, NULL);
}

static void
finish(struct check *check, int status)
{
	check->done = true;
	check->status = status;
	uv_timer_stop(&check->timer);
	store_close(&check->store, 0, on_closed, check);
}

static void
on_checked(void *ctx, unsigned applied, const struct error *err)
{
	struct check *check = ctx;

	/* Closing the store ends the question, too. */
	if (check->done)
		return;
	if (err != NULL)
		fprintf(stderr, "database: %s\n", err->text);
	else
		printf("database: ok, %u migrations to apply\n", applied);
	finish(check, err != NULL ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct check *check = timer->data;

	fprintf(stderr, "database: no answer%s%s\n",
		check->why.text[0] != '\0' ? ": " : "", check->why.text);
	finish(check, EXIT_FAILURE);
}

static void
on_state(void *ctx, bool up, const char *why)
{
	struct check *check = ctx;

	check->why = (struct error){ 0 };
	if (!up)
		error_set(&check->why, ERROR_NONE, "%s", why);
}

static int
run(struct check *check, uv_loop_t *loop, const struct component *component,
    const struct settings *settings, struct metrics *metrics)
{
	const struct store_section *section =
		settings_section(settings, "store");
	const struct store_settings store = {
		.url = section->url,
		.read_timeout_secs = section->read_timeout,
		.queue_bytes = section->queue_bytes,
	};
	struct tables_plan plan = {
		.component = component, .settings = settings, .check = true,
	};
	struct error err = { 0 };

	if (store_new(loop, &store, metrics, &check->store, &err) < 0) {
		fprintf(stderr, "%s: store.url: %s\n",
			settings_where(settings, "store", "url"), err.text);
		return EXIT_FAILURE;
	}
	store_on_state(check->store, on_state, check);
	uv_timer_init(loop, &check->timer);
	check->timer.data = check;
	uv_timer_start(&check->timer, on_timeout, PATIENCE_MS, 0);
	plan.store = check->store;
	tables_prepare(&plan, on_checked, check);
	uv_run(loop, UV_RUN_DEFAULT);
	return check->status;
}

int
check_store(const struct component *component,
	    const struct settings *settings)
{
	struct metrics *metrics;
	struct check check = { 0 };
	uv_loop_t loop;
	int status;

	if (!tables_are_used(component, settings))
		return EXIT_SUCCESS;
	metrics = metrics_new();
	ensure(uv_loop_init(&loop) == 0);
	status = run(&check, &loop, component, settings, metrics);
	ensure(uv_loop_close(&loop) == 0);
	metrics_free(&metrics);
	return status;
}
