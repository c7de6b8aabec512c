#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/commands.h"
#include "components/archive/journaling/post.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/number.h"
#include "shared/request.h"

static const char *
time_of(struct call *call, const struct store_result *result, size_t row,
	size_t column)
{
	char text[CLOCK_TEXT_SIZE];

	if (store_get_text(result, row, column) == NULL)
		return NULL;
	return arena_strdup(call->arena,
			    clock_print(store_get_int(result, row, column),
					text));
}

static void
on_closed(struct call *call, const struct store_result *result)
{
	for (size_t i = 0; i < store_rows(result); i++)
		call_say(call, "There is no section journaling \"%s\" of %s "
			 "any more, for which %" PRId64 " messages wait.",
			 store_get_text(result, i, 0),
			 store_get_text(result, i, 2),
			 store_get_int(result, i, 1));
	call_end(call, NULL);
}

/* By the last that is told. */
static void
say_more(struct call *call, const struct store_result *result, size_t row)
{
	call_say(call, "There is more: go on with --after \"%" PRId64 " %s\".",
		 store_get_int(result, row, 1), store_get_text(result, row, 0));
}

/* One more than are wanted is asked for, to know whether there is one. */
static void
on_list(struct call *call, const struct store_result *result)
{
	size_t limit = call_uint(call, "limit"), rows = store_rows(result);

	for (size_t i = 0; i < rows && i < limit; i++)
		call_row(call, (const char *[]){
			store_get_text(result, i, 0),
			arena_printf(call->arena, "%" PRId64,
				     store_get_int(result, i, 1)),
			time_of(call, result, i, 2),
			store_get_text(result, i, 3),
			store_get_text(result, i, 4),
			time_of(call, result, i, 5),
			store_get_text(result, i, 6) });
	if (rows > limit)
		say_more(call, result, limit - 1);
	post_list_closed(call, on_closed);
}

/* A serial, a blank, and a title, as say_more() has them. */
static struct post_aside
read_place(const char *text)
{
	struct post_aside place = { .title = "" };
	const char *blank = text == NULL ? NULL : strchr(text, ' ');

	if (text != NULL)
		place.serial = strtoll(text, NULL, 10);
	if (blank != NULL)
		place.title = blank + 1;
	return place;
}

static void
list(struct call *call)
{
	const struct post_aside after = read_place(call_text(call, "after"));

	post_list_aside(call, &after, call_uint(call, "limit") + 1, on_list);
}

static void
on_retried(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct call *call = ctx;

	if (err == NULL)
		call_say(call, "Messages that are mailed again: %zu.",
			 store_rows(result));
	call_end(call, err);
}

static void
retry(struct call *call)
{
	const char *serial = call_text(call, "serial");

	post_retry(call->runtime->store, call->runtime->domain,
		   (int64_t)number_of(serial, 0, INT64_MAX), on_retried,
		   call);
}

static void
on_forgotten(void *ctx, const struct store_result *result,
	     const struct error *err)
{
	struct call *call = ctx;

	(void)result;
	if (err == NULL)
		call_say(call, "Nothing waits for it any more, if there is no "
			 "such section.");
	call_end(call, err);
}

static void
forget(struct call *call)
{
	const struct jid *domain = call_jid(call, "domain");

	post_forget(call->runtime->store, domain != NULL ? domain->bare :
		    call->runtime->domain, call_text(call, "title"),
		    on_forgotten, call);
}

int
posting_run(struct call *call, void *ctx, struct error *err)
{
	const char *what = call_text(call, "what");
	const char *serial = call_text(call, "serial");

	(void)ctx;
	if (serial != NULL && number_of(serial, 0, INT64_MAX) == 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "serial: %.40s is none", serial);
	if (strcmp(what, "forget") == 0 && call_text(call, "title") == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "title: which section is missing");
	audit_call(call, strcmp(what, "list") == 0 ? list :
		   strcmp(what, "retry") == 0 ? retry : forget);
	return CALL_PARKED;
}
