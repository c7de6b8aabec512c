#include "shared/audit.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/store.h"
#include "shared/str.h"

/* An entry until it is there. */
struct noting {
	struct store *store;
	struct arena *arena;	/* it is in it */
	struct audit_entry entry;
	char hash[DIGEST_TEXT_SIZE];
	bool doubtful;		/* it may be there: a connection broke that
				   had added it */
	audit_fn *fn;
	void *ctx;
};

/* The last entry, and whether ours, by its number and hash, is there. */
static const char head_sql[] =
	"SELECT number, hash, (SELECT COUNT(*) FROM audit_entry "
	"WHERE number = $1 AND hash = $2) "
	"FROM audit_entry ORDER BY number DESC LIMIT 1";

/* Adds nothing where another was faster. */
static const char insert_sql[] =
	"INSERT INTO audit_entry (number, stamp, who, action, detail, hash) "
	"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (number) DO NOTHING "
	"RETURNING number";

char *
audit_hash(const struct audit_entry *entry, const char *before,
	   char text[DIGEST_TEXT_SIZE])
{
	struct digest *digest = digest_new();
	struct str all = { 0 };

	str_addf(&all, "%s\n%" PRId64 "\n%" PRId64 "\n%s\n%s\n%s", before,
		 entry->number, entry->stamp, entry->event.who,
		 entry->event.action, entry->event.detail);
	digest_add(digest, all.data, all.len);
	str_fini(&all);
	return digest_end(&digest, text);
}

static void
finish(struct noting *noting, const struct error *err)
{
	struct arena *arena = noting->arena;

	if (err == NULL)
		log_info("audit: %" PRId64 ": %s by %s, hash %s",
			 noting->entry.number, noting->entry.event.action,
			 noting->entry.event.who, noting->hash);
	noting->fn(noting->ctx, err);
	arena_free(&arena);
}

static void ask_head(struct noting *noting);

static void
on_inserted(void *ctx, const struct store_result *result,
	    const struct error *err)
{
	struct noting *noting = ctx;

	if (err != NULL || store_rows(result) > 0) {
		finish(noting, err);
		return;
	}
	noting->doubtful = store_is_repeated(result);
	ask_head(noting);
}

static void
insert(struct noting *noting, int64_t number, const char *before)
{
	struct audit_entry *entry = &noting->entry;

	entry->number = number;
	audit_hash(entry, before, noting->hash);
	store_write(noting->store, insert_sql, STORE_VALUES(
			    store_int(number), store_int(entry->stamp),
			    store_text(entry->event.who),
			    store_text(entry->event.action),
			    store_text(entry->event.detail),
			    store_text(noting->hash)),
		    on_inserted, noting);
}

static void
on_head(void *ctx, const struct store_result *result, const struct error *err)
{
	struct noting *noting = ctx;

	if (err != NULL)
		finish(noting, err);
	else if (store_rows(result) == 0)
		insert(noting, 1, "");
	else if (noting->doubtful && store_get_int(result, 0, 2) > 0)
		finish(noting, NULL);
	else
		insert(noting, store_get_int(result, 0, 0) + 1,
		       store_get_text(result, 0, 1));
}

/* Each time anew, as another process may have added some. */
static void
ask_head(struct noting *noting)
{
	store_read(noting->store, head_sql, STORE_VALUES(
			   store_int(noting->entry.number),
			   store_text(noting->hash)),
		   on_head, noting);
}

/* So that what is hashed is not the same for two different entries. */
static const char *
in_one_line(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return copy;
}

void
audit_note(struct store *store, const struct audit_event *event, audit_fn *fn,
	   void *ctx)
{
	struct arena *arena = arena_new();
	struct noting *noting = arena_alloc(arena, sizeof(*noting));

	noting->store = store;
	noting->arena = arena;
	noting->entry.stamp = clock_now();
	noting->entry.event = (struct audit_event){
		.who = in_one_line(arena, event->who),
		.action = in_one_line(arena, event->action),
		.detail = arena_strdup(arena, event->detail),
	};
	noting->fn = fn;
	noting->ctx = ctx;
	ask_head(noting);
}

static void
on_reported(void *ctx, const struct error *err)
{
	(void)ctx;
	if (err != NULL)
		log_error("audit: what was done is in no entry: %s",
			  error_reason(err));
}

void
audit_report(struct store *store, const struct audit_event *event)
{
	audit_note(store, event, on_reported, NULL);
}

/* Entries stay for ever, and secrets are not for those who read them. */
static json_t *
text_of(const struct command_field *field, const char *text)
{
	size_t shown = command_shown(field, text);

	return json_sprintf("%.*s%s", (int)shown, text,
			    text[shown] == '\0' ? "" : "***");
}

static json_t *
value_of(const struct command_field *field, const char *const *texts)
{
	json_t *list;

	if (field->type != COMMAND_LIST)
		return text_of(field, texts[0]);
	list = json_array();
	for (; *texts != NULL; texts++)
		json_array_append_new(list, json_string(*texts));
	return list;
}

/* What was given, but for what says what would be done anyway. */
static char *
detail_of(const struct call *call)
{
	const struct command_field *field = call->command->fields;
	json_t *detail = json_object();
	char *text;

	for (; field != NULL && field->name != NULL; field++) {
		const char *const *texts = call_list(call, field->name);

		if (texts[0] == NULL || (field->def != NULL &&
					 str_same(texts[0], field->def)))
			continue;
		json_object_set_new(detail, field->name,
				    value_of(field, texts));
	}
	text = json_dumps(detail, JSON_COMPACT);
	ensure(text != NULL);
	json_decref(detail);
	return text;
}

/* In the call's arena. */
struct waiting {
	struct call *call;
	call_fn *fn;
};

static void
on_noted(void *ctx, const struct error *err)
{
	struct waiting *waiting = ctx;

	if (err != NULL)
		call_end(waiting->call, err);
	else
		call_then(waiting->call, waiting->fn);
}

void
audit_call(struct call *call, call_fn *fn)
{
	struct waiting *waiting = arena_alloc(call->arena, sizeof(*waiting));
	char *detail = detail_of(call);

	*waiting = (struct waiting){ call, fn };
	audit_note(call->runtime->store, &(struct audit_event){
			   call->who, call->command->name, detail },
		   on_noted, waiting);
	free(detail);
}
