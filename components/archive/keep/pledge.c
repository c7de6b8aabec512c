#include "components/archive/keep/pledge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

#define RETRY_MS 10000

struct pledge {
	struct archive *archive;
	uv_timer_t timer;
	bool busy;	/* the store has been asked */
	bool stale;	/* there is something else to tell by now */
	bool freed;	/* it goes once the store has answered */
};

/* What one keeper says, in place of what it said before. */
struct sql {
	const char *forget, *add;
};

#define FORGET(is_listed) \
	"DELETE FROM archive_kept WHERE keeper = $1 AND NOT " is_listed
#define ADD(list) \
	"INSERT INTO archive_kept (keeper, whose) " \
	"SELECT DISTINCT CAST($1 AS TEXT), l.value FROM " list " " \
	"WHERE true ON CONFLICT (whose, keeper) DO NOTHING"

static const struct sql pg = {
	FORGET("whose = ANY (CAST($2 AS TEXT[]))"),
	ADD("unnest(CAST($2 AS TEXT[])) AS l (value)"),
};
static const struct sql sqlite = {
	FORGET("whose IN (SELECT value FROM json_each($2))"),
	ADD("json_each($2) AS l"),
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
add_all(struct store_list *list, const char *const *addresses)
{
	for (; *addresses != NULL; addresses++)
		store_list_add_text(list, *addresses);
}

static void
add_group(struct store_list *list, const struct setting_titled *groups,
	  const char *name)
{
	for (; groups->title != NULL; groups++) {
		const struct groups_settings *own = groups->values;

		if (!str_same(groups->title, name))
			continue;
		add_all(list, own->users);
		add_all(list, own->domains);
	}
}

static void
fill(struct store_list *list, const struct archive_settings *settings)
{
	const struct setting_titled *titled = settings->compliance;

	for (; titled->title != NULL; titled++) {
		const struct compliance_settings *own = titled->values;

		if (!own->retractions)
			continue;
		add_all(list, own->users);
		add_all(list, own->domains);
		for (size_t i = 0; own->groups[i] != NULL; i++)
			add_group(list, settings->group, own->groups[i]);
	}
}

static void tell(struct pledge *pledge);

static void
on_timer(uv_timer_t *timer)
{
	tell(timer->data);
}

static void
on_told(void *ctx, const struct store_result *result, const struct error *err)
{
	struct pledge *pledge = ctx;

	(void)result;
	pledge->busy = false;
	if (pledge->freed)
		uv_close((uv_handle_t *)&pledge->timer, on_closed);
	else if (err != NULL)
		uv_timer_start(&pledge->timer, on_timer, RETRY_MS, 0);
	else if (pledge->stale)
		tell(pledge);
}

static void
tell(struct pledge *pledge)
{
	const struct archive *archive = pledge->archive;
	struct store *store = archive->runtime->store;
	const struct sql *sql = strcmp(store_dialect(store), "sqlite") == 0 ?
				&sqlite : &pg;
	struct store_batch *batch = store_begin(store);
	struct store_list list = { 0 };
	struct store_value values[2];

	store_list_begin(&list, store_dialect(store));
	fill(&list, archive->settings);
	values[0] = store_text(archive->runtime->domain);
	values[1] = store_text(store_list_end(&list));
	store_add(batch, sql->forget, values, 2);
	store_add(batch, sql->add, values, 2);
	pledge->busy = true;
	pledge->stale = false;
	store_commit(&batch, on_told, pledge);
	store_list_fini(&list);
}

struct pledge *
pledge_new(struct archive *archive)
{
	struct pledge *pledge = calloc(1, sizeof(*pledge));

	ensure(pledge != NULL);
	pledge->archive = archive;
	pledge->timer.data = pledge;
	uv_timer_init(archive->runtime->loop, &pledge->timer);
	tell(pledge);
	return pledge;
}

void
pledge_free(struct pledge **pledge_p)
{
	struct pledge *pledge = *pledge_p;

	*pledge_p = NULL;
	if (pledge == NULL)
		return;
	pledge->freed = true;
	uv_timer_stop(&pledge->timer);
	if (!pledge->busy)
		uv_close((uv_handle_t *)&pledge->timer, on_closed);
}

void
pledge_renew(struct pledge *pledge)
{
	if (pledge == NULL)
		return;
	if (pledge->busy)
		pledge->stale = true;
	else
		tell(pledge);
}
