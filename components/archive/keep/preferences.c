#include "components/archive/keep/preferences.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "components/archive/keep/preference.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/store.h"
#include "shared/str.h"

/* Read at a time. */
#define PAGE 500

/* What one user said. */
struct entry {
	UT_hash_handle hh;	/* by owner */
	char *owner;		/* a bare address */
	struct preference preference;
};

struct preferences {
	struct archive *archive;
	struct entry *entries;
	bool loaded;
};

/* One that is under way. */
struct loading {
	struct preferences *preferences;
	preferences_fn *fn;
	void *ctx;
	char *last;		/* the owner that was read last */
};

struct setting_one {
	struct preferences *preferences;
	preferences_fn *fn;
	void *ctx;
	struct entry *entry;
};

static const char read_sql[] =
	"SELECT owner, otherwise, always, never FROM archive_preference "
	"WHERE owner > $1 ORDER BY owner LIMIT CAST($2 AS BIGINT)";

static const char set_sql[] =
	"INSERT INTO archive_preference (owner, otherwise, always, never) "
	"VALUES ($1, $2, $3, $4) ON CONFLICT (owner) DO UPDATE SET "
	"otherwise = excluded.otherwise, always = excluded.always, "
	"never = excluded.never";

enum { OWNER, OTHERWISE, ALWAYS, NEVER };

static struct entry *
entry_new(const char *owner, const struct preference *preference)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	ensure(entry != NULL);
	entry->owner = str_dup(owner);
	entry->preference = (struct preference){
		.never_others = preference->never_others,
		.always = str_dup(preference->always),
		.never = str_dup(preference->never),
	};
	return entry;
}

static void
entry_free(struct entry *entry)
{
	free(entry->owner);
	free((char *)entry->preference.always);
	free((char *)entry->preference.never);
	free(entry);
}

/* In place of what the same user said before. */
static void
take(struct preferences *preferences, struct entry *entry)
{
	struct entry *old;

	HASH_REPLACE_STR(preferences->entries, owner, entry, old);
	if (old != NULL)
		entry_free(old);
}

struct preferences *
preferences_new(struct archive *archive)
{
	struct preferences *preferences = calloc(1, sizeof(*preferences));

	ensure(preferences != NULL);
	preferences->archive = archive;
	return preferences;
}

void
preferences_free(struct preferences **preferences_p)
{
	struct preferences *preferences = *preferences_p;
	struct entry *entry, *next;

	*preferences_p = NULL;
	HASH_ITER(hh, preferences->entries, entry, next) {
		HASH_DEL(preferences->entries, entry);
		entry_free(entry);
	}
	free(preferences);
}

static void read_page(struct loading *loading);

static void
end_loading(struct loading *loading, const struct error *err)
{
	if (err == NULL)
		loading->preferences->loaded = true;
	loading->fn(loading->ctx, err);
	free(loading->last);
	free(loading);
}

static void
take_row(struct loading *loading, const struct store_result *result, size_t i)
{
	const char *owner = store_get_text(result, i, OWNER);
	const struct preference preference = {
		.never_others = str_same(store_get_text(result, i, OTHERWISE),
					 "never"),
		.always = store_get_text(result, i, ALWAYS),
		.never = store_get_text(result, i, NEVER),
	};

	take(loading->preferences, entry_new(owner, &preference));
	free(loading->last);
	loading->last = str_dup(owner);
}

static void
on_page(void *ctx, const struct store_result *result, const struct error *err)
{
	struct loading *loading = ctx;
	size_t rows = err == NULL ? store_rows(result) : 0;

	for (size_t i = 0; i < rows; i++)
		take_row(loading, result, i);
	if (rows == PAGE)
		read_page(loading);
	else
		end_loading(loading, err);
}

static void
read_page(struct loading *loading)
{
	store_read(loading->preferences->archive->runtime->store, read_sql,
		   STORE_VALUES(store_text(loading->last), store_int(PAGE)),
		   on_page, loading);
}

void
preferences_load(struct preferences *preferences, preferences_fn *fn,
		 void *ctx)
{
	struct loading *loading = calloc(1, sizeof(*loading));

	ensure(loading != NULL);
	loading->preferences = preferences;
	loading->fn = fn;
	loading->ctx = ctx;
	loading->last = str_dup("");
	read_page(loading);
}

/* Of those who have said nothing, and where nobody is asked. */
static struct preference
usual(const struct preferences *preferences)
{
	const struct archive_settings *settings =
		preferences->archive->settings;

	return (struct preference){
		.never_others = settings->preferences &&
				str_same(settings->default_preference,
					 "never"),
		.always = "", .never = "",
	};
}

static struct preference
preference_of(const struct preferences *preferences, const char *owner)
{
	struct entry *entry = NULL;

	if (preferences->archive->settings->preferences)
		HASH_FIND_STR(preferences->entries, owner, entry);
	return entry != NULL ? entry->preference : usual(preferences);
}

int
preferences_find(const struct preferences *preferences, const char *owner,
		 struct preference *preference_r, struct error *err)
{
	if (!preferences->loaded)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "the database is away");
	*preference_r = preference_of(preferences, owner);
	return 0;
}

static void
on_set(void *ctx, const struct store_result *result, const struct error *err)
{
	struct setting_one *setting = ctx;

	(void)result;
	if (err == NULL)
		take(setting->preferences, setting->entry);
	else
		entry_free(setting->entry);
	setting->fn(setting->ctx, err);
	free(setting);
}

void
preferences_set(struct preferences *preferences, const char *owner,
		const struct preference *preference, preferences_fn *fn,
		void *ctx)
{
	struct setting_one *setting = malloc(sizeof(*setting));

	ensure(setting != NULL);
	*setting = (struct setting_one){ preferences, fn, ctx,
					 entry_new(owner, preference) };
	store_write(preferences->archive->runtime->store, set_sql,
		    STORE_VALUES(store_text(owner),
				 store_text(preference->never_others ?
					    "never" : "always"),
				 store_text(preference->always),
				 store_text(preference->never)),
		    on_set, setting);
}

void
preferences_forget(struct preferences *preferences, const char *owner)
{
	struct entry *entry;

	HASH_FIND_STR(preferences->entries, owner, entry);
	if (entry == NULL)
		return;
	HASH_DEL(preferences->entries, entry);
	entry_free(entry);
}

static void
leave_out(const struct preferences *preferences, struct archive_row *row,
	  unsigned ways)
{
	unsigned out = row->mark.ways & ways;

	row->mark.ways &= ~out;
	if (compliance_overrides(preferences->archive->compliance,
				 COMPLIANCE_PREFERENCES, row))
		row->mark.ways |= ARCHIVE_UNSEEN(out);
}

void
preferences_apply(const struct preferences *preferences,
		  struct archive_row *row)
{
	const struct preference sender = preference_of(preferences,
						       row->sender);
	const struct preference recipient = preference_of(preferences,
							  row->recipient);

	if (!preference_wants(&sender, row->recipient, row->to_resource))
		leave_out(preferences, row, ARCHIVE_SENT);
	if (!preference_wants(&recipient, row->sender, row->resource))
		leave_out(preferences, row, ARCHIVE_RECEIVED | ARCHIVE_SHOWN);
}
