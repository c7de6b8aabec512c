#include "components/archive/journaling/postbag.h"

#include "components/archive/journaling/journaling.h"
#include "components/archive/journaling/letter.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/str.h"

/* Before a mail that was not taken is tried again: it doubles so often. */
#define FIRST_PAUSE (INT64_C(1) * CLOCK_SECOND)
#define DOUBLINGS 9

static void
take_item(struct postbag *bag, const struct post_item *item,
	  const struct journaling *journaling)
{
	if (item->row == NULL || !journaling_wants(journaling, item->row)) {
		bag->unwanted[bag->unwanted_count++] = item->serial;
		return;
	}
	bag->rows[bag->count] = *item->row;
	bag->audiences[bag->count] = item->audience;
	bag->items[bag->count++] = *item;
}

/* A mail for each, or one for all. */
static void
make_mails(struct postbag *bag, bool together)
{
	size_t each = together ? bag->count : 1;

	bag->mails = arena_alloc(bag->arena, (bag->count + 1) *
				 sizeof(*bag->mails));
	for (size_t i = 0; i < bag->count; i += each)
		bag->mails[bag->mail_count++] = (struct postbag_mail){
			.first = i, .count = each,
		};
}

void
postbag_fill(struct postbag *bag, const struct store_result *result,
	     const struct journaling *journaling)
{
	size_t rows = store_rows(result);
	struct arena *arena = bag->arena != NULL ? bag->arena : arena_new();

	arena_reset(arena);
	*bag = (struct postbag){
		.arena = arena,
		.items = arena_alloc(arena, (rows + 1) * sizeof(*bag->items)),
		.rows = arena_alloc(arena, (rows + 1) * sizeof(*bag->rows)),
		.audiences = arena_alloc(arena, (rows + 1) *
					 sizeof(*bag->audiences)),
		.unwanted = arena_alloc(arena, (rows + 1) *
					sizeof(*bag->unwanted)),
	};
	for (size_t i = 0; i < rows; i++) {
		const struct post_item item = post_item_of(arena, result, i);

		take_item(bag, &item, journaling);
	}
	make_mails(bag, journaling_settings(journaling)->window > 0);
}

void
postbag_fini(struct postbag *bag)
{
	if (bag->arena != NULL)
		arena_free(&bag->arena);
	*bag = (struct postbag){ 0 };
}

void
postbag_print(const struct postbag *bag, const struct postbag_mail *mail,
	      const struct journaling *journaling, struct str *out)
{
	const struct journaling_settings *own =
		journaling_settings(journaling);
	const struct letter letter = {
		own->from, &bag->rows[mail->first],
		&bag->audiences[mail->first], mail->count,
	};
	struct arena *arena = arena_new();

	if (own->window > 0)
		letter_print_window(out, arena, &letter);
	else
		letter_print(out, arena, &letter);
	arena_free(&arena);
}

static void
note_try(struct post_item *item, bool refused, int64_t taken)
{
	if (refused && (item->refusals == 0 || taken > item->tried))
		item->refusals++;
	item->tries++;
	item->tried = clock_now();
}

void
postbag_end(struct postbag *bag, struct postbag_mail *mail,
	    enum smtp_outcome outcome, const char *why, int64_t taken)
{
	mail->ended = true;
	mail->outcome = outcome;
	if (why != NULL)
		mail->why = arena_strdup(bag->arena, why);
	if (outcome != SMTP_REFUSED && outcome != SMTP_DEFERRED)
		return;
	for (size_t i = 0; i < mail->count; i++)
		note_try(&bag->items[mail->first + i],
			 outcome == SMTP_REFUSED, taken);
}

static int64_t
due_after(const struct post_item *item)
{
	int64_t doublings = item->tries - 1;

	if (doublings > DOUBLINGS)
		doublings = DOUBLINGS;
	return item->tried + (FIRST_PAUSE << doublings);
}

static void
settle_item(const struct post_item *item, const struct postbag_mail *mail,
	    struct store_batch *batch, int64_t journaling)
{
	if (mail->outcome == SMTP_TAKEN)
		post_remove(batch, journaling, item->serial);
	else if (mail->aside)
		post_set_aside(batch, journaling, item->serial, mail->why);
	else
		post_defer(batch, journaling, item, due_after(item));
}

static bool
is_settled(const struct postbag_mail *mail)
{
	return mail->ended && mail->outcome != SMTP_FAILED;
}

bool
postbag_changes(const struct postbag *bag)
{
	for (size_t i = 0; i < bag->mail_count; i++)
		if (is_settled(&bag->mails[i]))
			return true;
	return bag->unwanted_count > 0;
}

void
postbag_settle(struct postbag *bag, struct store_batch *batch,
	       int64_t journaling, unsigned refusals)
{
	for (size_t i = 0; i < bag->unwanted_count; i++)
		post_remove(batch, journaling, bag->unwanted[i]);
	for (size_t i = 0; i < bag->mail_count; i++) {
		struct postbag_mail *mail = &bag->mails[i];
		const struct post_item *item = &bag->items[mail->first];

		if (!is_settled(mail))
			continue;
		mail->aside = mail->outcome == SMTP_REFUSED &&
			      item->refusals >= refusals;
		for (size_t j = 0; j < mail->count; j++)
			settle_item(&item[j], mail, batch, journaling);
	}
}
