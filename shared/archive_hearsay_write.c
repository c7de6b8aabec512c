#include "shared/archive_hearsay_write-private.h"

#include <stdlib.h>
#include <string.h>

#include "shared/archive_hearsay.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"
#include "shared/str.h"

/* How far from each other copies of one message may come; and how long they are
   remembered, as shims send again what was not acknowledged. */
#define NEAR (5 * 60LL * CLOCK_SECOND)
#define REMEMBERED (7 * 24 * 3600LL * CLOCK_SECOND)
/* More than an address has (RFC 7622). */
#define DOMAIN_SIZE 1024

#define TEXT(param) "CAST(" param " AS TEXT)"
#define NUMBER(param) "CAST(" param " AS BIGINT)"
#define ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"
#define KEPT(param) \
	"EXISTS (SELECT 1 FROM archive_writer w WHERE w.name = " param ")"

/* Parameters: $1 the copy's uid; $2 the room's archive, $3 the room, $4 the
   nick; $5 the id, $6 another; $7 subject, $8 body; $9, $10 when it was said
   at the earliest and at the latest, $11 a serial before that; $12 when the
   copy came; $13 whose it is. */
#define FINDS 13
#define IS_ALIKE(m) \
	m ".recipient = " ID("$2") " AND " m ".serial >= " NUMBER("$11") " " \
	"AND " m ".type = 2 AND COALESCE(" m ".stamp, " m ".serial / 256) " \
	"BETWEEN " NUMBER("$9") " AND " NUMBER("$10") " " \
	"AND COALESCE(" m ".id, '') IN (COALESCE(" TEXT("$5") ", ''), " \
	"COALESCE(" TEXT("$6") ", " TEXT("$5") ", '')) " \
	"AND COALESCE(" m ".subject, '') = COALESCE(" TEXT("$7") ", '') " \
	"AND COALESCE(" m ".body, '') = COALESCE(" TEXT("$8") ", '')"
/* It came from one of ours, and the room has not sent it to anybody. */
#define IS_UNHEARD(m) \
	m ".to_resource IS NULL AND " m ".sender <> " ID("$3")
#define IS_STORED \
	"EXISTS (SELECT 1 FROM archive_message x WHERE x.uid = " TEXT("$1") \
	" AND x.serial >= " NUMBER("$11") ")"

/* By the room's id: the message takes that in place of the author's copy's, by
   which that is known if it comes again.  No session counts for that. */
static const char find_own_sql[] =
	"INSERT INTO archive_echo (uid, said, stamp, session) "
	"SELECT f.uid, " TEXT("$1") ", " NUMBER("$12") ", '' FROM ("
	"SELECT m.uid FROM archive_message m WHERE " IS_ALIKE("m") " "
	"AND " IS_UNHEARD("m") " AND " TEXT("$4") " IS NOT NULL "
	"AND NOT " IS_STORED " ORDER BY m.serial LIMIT 1) AS f "
	"WHERE " TEXT("$13") " IS NOT NULL ON CONFLICT (uid) DO NOTHING";

static const char name_own_sql[] =
	"UPDATE archive_message SET uid = " TEXT("$1") ", "
	"to_resource = " TEXT("$2") " WHERE serial >= " NUMBER("$3") " "
	"AND uid = (SELECT e.uid FROM archive_echo e "
	"WHERE e.said = " TEXT("$1") " AND e.session = '' LIMIT 1)";

/* Without such an id: another copy, which the same session has not got. */
#define FOUND(is_new) \
	"INSERT INTO archive_echo (uid, said, stamp, session) " \
	"SELECT " TEXT("$1") ", COALESCE((SELECT m.uid " \
	"FROM archive_message m WHERE " IS_ALIKE("m") " " \
	"AND CASE WHEN " TEXT("$4") " IS NULL " \
	"THEN m.to_resource IS NULL AND m.sender = " ID("$3") " " \
	"WHEN m.to_resource IS NULL THEN m.sender <> " ID("$3") " " \
	"ELSE m.to_resource = " TEXT("$4") " END " is_new \
	" ORDER BY m.serial LIMIT 1), " TEXT("$1") "), " NUMBER("$12") ", " \
	TEXT("$13") " WHERE true ON CONFLICT (uid) DO NOTHING"
static const char find_live_sql[] = FOUND(
	"AND NOT EXISTS (SELECT 1 FROM archive_echo e "
	"WHERE e.said = m.uid AND e.session = " TEXT("$13") ")");
static const char find_late_sql[] = FOUND("");

static const char nick_sql[] =
	"UPDATE archive_message SET to_resource = " TEXT("$2") " "
	"WHERE to_resource IS NULL AND serial >= " NUMBER("$3") " "
	"AND uid = (SELECT e.said FROM archive_echo e "
	"WHERE e.uid = " TEXT("$1") ")";

static const char write_sql[] =
	"INSERT INTO archive_message (serial, stamp, ways, flags, type, "
	"relation, sender, recipient, uid, resource, to_resource, id, lang, "
	"subject, body, thread, rest, about) SELECT " NUMBER("$1") ", "
	NUMBER("$2") ", CAST($3 AS SMALLINT), CAST($4 AS SMALLINT), 2, "
	"CAST($5 AS SMALLINT), " ID("$6") ", " ID("$7") ", " TEXT("$8") ", "
	TEXT("$9") ", " TEXT("$10") ", " TEXT("$11") ", " TEXT("$12") ", "
	TEXT("$13") ", " TEXT("$14") ", " TEXT("$15") ", " TEXT("$16") ", "
	TEXT("$17") " WHERE NOT " KEPT("$18") " "
	"AND NOT EXISTS (SELECT 1 FROM archive_echo e "
	"WHERE e.uid = " TEXT("$8") " AND e.said <> e.uid) "
	"AND NOT EXISTS (SELECT 1 FROM archive_message m "
	"WHERE m.uid = " TEXT("$8") " AND m.serial >= " NUMBER("$19") ") "
	"ON CONFLICT DO NOTHING";

static const char hear_sql[] =
	"INSERT INTO archive_delivery (owner, serial, stamp, room) "
	"SELECT o.id, m.serial, " NUMBER("$4") ", m.recipient "
	"FROM archive_message m JOIN archive_address o ON o.jid = $2 "
	"WHERE m.uid = COALESCE((SELECT e.said FROM archive_echo e "
	"WHERE e.uid = " TEXT("$1") "), " TEXT("$1") ") "
	"AND m.serial >= " NUMBER("$5") " AND m.recipient = " ID("$3") " "
	"ON CONFLICT DO NOTHING";

const struct archive_hearsay_statements archive_hearsay_statements = {
	.find_own = find_own_sql, .name_own = name_own_sql,
	.find_live = find_live_sql, .find_late = find_late_sql,
	.nick = nick_sql, .write = write_sql, .hear = hear_sql,
};

static struct store_value
text_or_null(const char *text)
{
	return store_text(*text != '\0' ? text : NULL);
}

static const char *
domain_of(const char *room, char text[DOMAIN_SIZE])
{
	const char *at = strchr(room, '@');

	text[0] = '\0';
	strncat(text, at != NULL ? at + 1 : room, DOMAIN_SIZE - 1);
	text[strcspn(text, "/")] = '\0';
	return text;
}

static const char *
print_session(const struct archive_hearsay *hearsay,
	      char hex[DIGEST_TEXT_SIZE])
{
	struct digest *digest = digest_new();

	digest_add(digest, hearsay->hearer, strlen(hearsay->hearer));
	return digest_end(&digest, hex);
}

/* Which message it is a copy of. */
static void
add_find(struct store_batch *batch, const struct archive_row *row)
{
	const struct archive_hearsay *hearsay = row->hearsay;
	int64_t said = row->mark.stamp;
	/* Clocks may differ as much again. */
	int64_t first = serial_first_of(said - 2 * NEAR);
	char session[DIGEST_TEXT_SIZE];
	const struct store_value values[FINDS] = {
		store_text(row->mark.uid), store_text(row->recipient),
		store_text(row->sender), text_or_null(row->to_resource),
		store_text(row->id), store_text(hearsay->origin),
		store_text(row->subject), store_text(row->body),
		store_int(said - NEAR), store_int(said + NEAR),
		store_int(first), store_int(serial_time(row->mark.serial)),
		store_text(print_session(hearsay, session)),
	};

	store_add(batch, hearsay->named ? find_own_sql :
			 hearsay->late ? find_late_sql : find_live_sql,
		  values, FINDS);
	store_add(batch, hearsay->named ? name_own_sql : nick_sql,
		  STORE_VALUES(store_text(row->mark.uid),
			       text_or_null(row->to_resource),
			       store_int(first)));
}

static void
add_message(struct store_batch *batch, const struct archive_row *row,
	    int64_t since, int64_t stamp)
{
	char domain[DOMAIN_SIZE];

	store_add(batch, write_sql, STORE_VALUES(
		store_int(row->mark.serial),
		stamp != 0 ? store_int(stamp) : store_text(NULL),
		store_int(row->mark.ways),
		store_int(row->mark.flags & ~(unsigned)ARCHIVE_NO_ORIGIN),
		row->relation != 0 ? store_int(row->relation) :
				     store_text(NULL),
		store_text(row->sender), store_text(row->recipient),
		store_text(row->mark.uid), text_or_null(row->resource),
		text_or_null(row->to_resource), store_text(row->id),
		store_text(row->lang), store_text(row->subject),
		store_text(row->body), store_text(row->thread),
		store_text(row->rest), store_text(row->about),
		store_text(domain_of(row->recipient, domain)),
		store_int(since)));
}

static void
add_hearer(struct store_batch *batch, const struct archive_row *row,
	   int64_t since)
{
	char *bare = str_dup(row->hearsay->hearer);

	bare[strcspn(bare, "/")] = '\0';
	store_add(batch, hear_sql, STORE_VALUES(
		store_text(row->mark.uid), store_text(bare),
		store_text(row->recipient),
		store_int(serial_time(row->mark.serial)), store_int(since)));
	free(bare);
}

void
archive_hearsay_add(struct store_batch *batch, const struct archive_row *row,
		    int64_t since, int64_t stamp)
{
	if (!row->hearsay->sent)
		add_find(batch, row);
	add_message(batch, row, since, stamp);
	if (*row->hearsay->hearer != '\0')
		add_hearer(batch, row, since);
}

void
archive_hearsay_forget(struct store_batch *batch, int64_t serial)
{
	store_add(batch, "DELETE FROM archive_echo WHERE stamp < $1",
		  STORE_VALUES(store_int(serial_time(serial) - REMEMBERED)));
}
