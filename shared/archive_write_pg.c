#include "shared/archive_write-private.h"

#include <stdlib.h>

#include "shared/archive_row-private.h"
#include "shared/store.h"
#include "shared/store_list.h"

/* Months that are over when a message may have come first need no look; $1 is
   the least of those times.  A plan is made when a month may be empty, and used
   when it is not: it must go by the uid even where to read all, or another
   index, seems cheaper.  So each is looked up by itself, the conditions on what
   was found make the planner expect but one row of it, and no index fits the
   serial. */
static const char write_sql[] =
	"WITH given AS MATERIALIZED (SELECT g.*, "
	"(SELECT max(m.serial) FROM archive_message m WHERE m.uid = g.uid "
	"AND m.serial >= CAST($1 AS BIGINT) AND m.serial >= g.since) "
	"AS stored "
	"FROM unnest(CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[]), "
	"CAST($4 AS BIGINT[]), CAST($5 AS SMALLINT[]), "
	"CAST($6 AS SMALLINT[]), CAST($7 AS SMALLINT[]), "
	"CAST($8 AS SMALLINT[]), CAST($9 AS BIGINT[]), "
	"CAST($10 AS BIGINT[]), CAST($11 AS TEXT[]), CAST($12 AS TEXT[]), "
	"CAST($13 AS TEXT[]), CAST($14 AS TEXT[]), CAST($15 AS TEXT[]), "
	"CAST($16 AS TEXT[]), CAST($17 AS TEXT[]), CAST($18 AS TEXT[]), "
	"CAST($19 AS TEXT[]), CAST($20 AS TEXT[]), CAST($21 AS TEXT[]), "
	"CAST($22 AS TEXT[])) "
	"AS g (serial, since, stamp, ways, flags, type, relation, sender, "
	"recipient, uid, sender_jid, recipient_jid, resource, to_resource, "
	"id, lang, subject, body, thread, rest, about)), "
	"joined AS (UPDATE archive_message m SET ways = m.ways | g.ways, "
	"flags = m.flags | (g.flags & " ARCHIVE_WRITE_ORIGIN ") "
	"FROM given g WHERE g.stored > 0 AND g.ways > 0 AND m.uid = g.uid "
	"AND m.serial + 0 = g.stored AND m.serial >= CAST($1 AS BIGINT) "
	"AND m.serial >= g.since AND "
	ARCHIVE_WRITE_ADDS("m.ways", "m.flags", "g.ways", "g.flags") ") "
	"INSERT INTO archive_message (serial, stamp, ways, flags, type, "
	"relation, sender, recipient, uid, resource, to_resource, id, lang, "
	"subject, body, thread, rest, about) "
	"SELECT serial, stamp, ways, flags, type, relation, "
	"COALESCE(sender, (SELECT a.id FROM archive_address a "
	"WHERE a.jid = sender_jid)), "
	"COALESCE(recipient, (SELECT a.id FROM archive_address a "
	"WHERE a.jid = recipient_jid)), "
	"uid, resource, to_resource, id, lang, subject, body, thread, rest, "
	"about FROM given WHERE stored IS NULL";

enum {
	SERIAL, SINCE, STAMP, WAYS, FLAGS, TYPE, RELATION, SENDER, RECIPIENT,
	NUMBERS,
	PARAMS = 1 + NUMBERS + ARCHIVE_ROW_TEXTS,
};

/* Of archive_row_texts(). */
enum { TEXT_SENDER = 1, TEXT_RECIPIENT, TEXT_RESOURCE, TEXT_TO_RESOURCE };

static int64_t
number_of_item(const struct archive_item *item, size_t column)
{
	switch (column) {
	case SERIAL:
		return item->row->mark.serial;
	case SINCE:
		return item->since;
	case STAMP:
		return item->stamp;
	case WAYS:
		return item->ways;
	case FLAGS:
		return item->flags & ~(unsigned)ARCHIVE_NO_ORIGIN;
	case TYPE:
		return item->row->type;
	case RELATION:
		return item->row->relation;
	case SENDER:
		return item->sender;
	default:
		return item->recipient;
	}
}

/* An address is needed only where its id is not known. */
static const char *
text_of_item(const struct archive_item *item, size_t column)
{
	struct archive_row row = *item->row;
	const char **texts[ARCHIVE_ROW_TEXTS], *text;

	archive_row_texts(&row, texts);
	text = *texts[column];
	switch (column) {
	case TEXT_SENDER:
		return item->sender != 0 ? NULL : text;
	case TEXT_RECIPIENT:
		return item->recipient != 0 ? NULL : text;
	case TEXT_RESOURCE:
	case TEXT_TO_RESOURCE:
		return *text == '\0' ? NULL : text;
	default:
		return text;
	}
}

static void
add_number(struct store_list *list, size_t column, int64_t number)
{
	if (number == 0 && (column == STAMP || column == RELATION ||
			    column == SENDER || column == RECIPIENT))
		store_list_add_text(list, NULL);
	else
		store_list_add_int(list, number);
}

static struct store_value
list_column(struct store_list *list, const struct archive_item *items,
	    size_t count, size_t column)
{
	store_list_begin(list, "postgresql");
	for (size_t i = 0; i < count; i++)
		if (column < NUMBERS)
			add_number(list, column,
				   number_of_item(&items[i], column));
		else
			store_list_add_text(list, text_of_item(&items[i],
							column - NUMBERS));
	return store_text(store_list_end(list));
}

static int64_t
find_first(const struct archive_item *items, size_t count)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (items[i].since < first)
			first = items[i].since;
	return first;
}

void
archive_write_pg(struct store_batch *batch, const struct archive_item *items,
		 size_t count)
{
	struct store_list lists[PARAMS - 1] = { 0 };
	struct store_value values[PARAMS];

	values[0] = store_int(find_first(items, count));
	for (size_t i = 0; i < PARAMS - 1; i++)
		values[i + 1] = list_column(&lists[i], items, count, i);
	store_add(batch, write_sql, values, PARAMS);
	for (size_t i = 0; i < PARAMS - 1; i++)
		store_list_fini(&lists[i]);
}
