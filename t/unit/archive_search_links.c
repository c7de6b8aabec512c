/* Messages that are about each other, as a search finds them. */
#include "shared/archive_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)

struct bed {
	struct database *db;
	struct archive_search *search;
	struct str found;	/* a line for each message that is about one */
	bool came;
};

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;

	database_free(&bed->db);
	str_fini(&bed->found);
	free(bed);
	return 0;
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "-";
}

/* Where both databases write the same but for blanks. */
static void
add_links(struct str *out, const char *links)
{
	for (; links != NULL && *links != '\0'; links++)
		if (*links != ' ' && *links != '\n')
			str_addc(out, *links);
}

static void
on_part(void *ctx, const struct archive_search_part *part,
	const struct error *err)
{
	struct bed *bed = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < part->count; i++) {
		const struct archive_row *row = &part->rows[i];

		if (row->about == NULL && row->links == NULL)
			continue;
		str_addf(&bed->found, "%s %d %s %s ", row->mark.uid,
			 (int)row->relation, or_none(row->about),
			 or_none(row->original));
		add_links(&bed->found, or_none(row->links));
		str_addc(&bed->found, '\n');
	}
	if (part->complete)
		bed->came = true;
	else
		archive_search_next(bed->search, on_part, bed);
}

static const char *
find(struct bed *bed, const struct archive_row *rows, size_t count)
{
	struct archive_search_filter filter = archive_search_all;
	struct error err = { 0 };

	archivebed_write(bed->db, rows, count);
	filter.who = "r@a";
	str_clear(&bed->found);
	str_addz(&bed->found, "");
	bed->came = false;
	assert_int_equal(archive_search_new(bed->db->store, &filter,
					    &bed->search, &err), 0);
	archive_search_next(bed->search, on_part, bed);
	database_wait(bed->db, &bed->came);
	archive_search_free(&bed->search);
	return bed->found.data;
}
#define FIND(bed, rows) find(bed, rows, ARRAY_LEN(rows))

/* Of an id "a..." of its own. */
static struct archive_row
said(int64_t n, const char *uid, const char *from, const char *to)
{
	struct archive_row row = archivebed_row(n, uid, from, to, BOTH);

	row.id = uid + 1;
	return row;
}

static struct archive_row
about(int64_t n, const char *uid, const char *from, const char *to,
      enum archive_relation relation)
{
	struct archive_row row = said(n, uid, from, to);

	row.relation = relation;
	row.about = "1";
	return row;
}

/* Of the nth microsecond. */
#define SERIAL(n) "4597700254720" n
#define LINK(relation, uid, n, jid, text) \
	"[" relation ",\"" uid "\"," SERIAL(n) ",null,\"" jid "\",null," \
	text "]"

static void
finds_what_is_about_one_of_the_same_talk(void **state)
{
	const struct archive_row rows[] = {
		said(1, "u1", "r@a", "j@b"),
		about(2, "u2", "r@a", "j@b", ARCHIVE_EDIT),
		about(3, "u3", "j@b", "r@a", ARCHIVE_REACTION),
		about(4, "u4", "j@b", "r@a", ARCHIVE_DISPLAYED),
		about(5, "u5", "r@a", "m@b", ARCHIVE_REPLY),
	};

	assert_string_equal(FIND(*state, rows),
		"u1 0 - - [" LINK("2", "u2", "00513", "r@a",
				  "\"Wherefore?\"") ","
		LINK("3", "u3", "00769", "j@b", "null") ","
		LINK("7", "u4", "01025", "j@b", "null") "]\n"
		"u2 2 1 u1 -\n"
		"u3 3 1 u1 -\n"
		"u4 7 1 u1 -\n"
		"u5 5 1 - -\n");
}

static void
lets_nobody_change_what_others_said(void **state)
{
	const struct archive_row rows[] = {
		said(1, "u1", "r@a", "j@b"),
		about(2, "u2", "j@b", "r@a", ARCHIVE_EDIT),
		about(3, "u3", "j@b", "r@a", ARCHIVE_RETRACTION),
		about(4, "u4", "r@a", "j@b", ARCHIVE_RETRACTION),
	};

	assert_string_equal(FIND(*state, rows),
		"u1 0 - - [" LINK("1", "u4", "01025", "r@a", "null") "]\n"
		"u2 2 1 - -\n"
		"u3 1 1 - -\n"
		"u4 1 1 u1 -\n");
}

static void
tells_what_somebody_reacted_with(void **state)
{
	struct archive_row rows[] = {
		said(1, "u1", "r@a", "j@b"),
		about(2, "u2", "j@b", "r@a", ARCHIVE_REACTION),
		about(3, "u3", "j@b", "r@a", ARCHIVE_EDIT),
	};

	rows[1].rest = "<x>&amp;</x>";
	rows[1].resource = "x";
	rows[1].mark.stamp -= 2000000;
	assert_string_equal(FIND(*state, rows),
		"u1 0 - - [[3,\"u2\"," SERIAL("00513") ","
		"1795976660000002,\"j@b\",\"x\",\"<x>&amp;</x>\"]]\n"
		"u2 3 1 u1 -\n"
		"u3 2 1 - -\n");
}

/* XEP-0359. */
static void
goes_by_the_origin_id_as_well(void **state)
{
	struct archive_row rows[] = {
		said(1, "u1", "r@a", "j@b"), said(2, "u7", "r@a", "j@b"),
		about(3, "u3", "j@b", "r@a", ARCHIVE_REACTION),
	};

	rows[1].rest = "<a xmlns='b'/><origin-id xmlns='urn:xmpp:sid:0' "
		       "id='o1'/><c xmlns='d' e='f'/>";
	rows[2].about = "o1";
	assert_string_equal(FIND(*state, rows),
		"u7 0 - - [" LINK("3", "u3", "00769", "j@b", "null") "]\n"
		"u3 3 o1 u7 -\n");
}

/* In rooms, where the room's ids count, but for edits. */
static void
goes_by_the_ids_of_rooms(void **state)
{
	struct archive_row rows[] = {
		said(1, "u1", "r@a", "g@c/5"),
		about(2, "u2", "r@a", "g@c/5", ARCHIVE_REACTION),
		about(3, "u3", "r@a", "g@c/5", ARCHIVE_REACTION),
		about(4, "u4", "r@a", "g@c/5", ARCHIVE_EDIT),
		about(5, "u5", "r@a", "g@c/5", ARCHIVE_EDIT),
		about(6, "u6", "r@a", "g@c/7", ARCHIVE_REACTION),
		about(7, "u7", "r@a", "g@c/5", ARCHIVE_RETRACTION),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].type = ARCHIVE_GROUPCHAT;
		rows[i].to_resource = "nick";
	}
	rows[1].about = rows[4].about = rows[5].about = "u1";
	rows[6].about = "u1";
	assert_string_equal(FIND(*state, rows),
		"u1 0 - - [" LINK("3", "u2", "00513", "r@a", "null") ","
		LINK("2", "u4", "01025", "r@a", "\"Wherefore?\"") ","
		LINK("1", "u7", "01793", "r@a", "null") "]\n"
		"u2 3 u1 u1 -\n"
		"u3 3 1 - -\n"
		"u4 2 1 u1 -\n"
		"u5 2 u1 - -\n"
		"u6 3 u1 - -\n"
		"u7 1 u1 u1 -\n");
}

/* What a moderator retracts, the room says. */
static void
lets_only_the_author_or_the_room_retract(void **state)
{
	struct archive_row rows[] = {
		said(1, "u1", "m@a", "g@c/5"),
		about(2, "u2", "r@a", "g@c/5", ARCHIVE_RETRACTION),
		about(3, "u3", "r@a", "g@c/5", ARCHIVE_RETRACTION),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].type = ARCHIVE_GROUPCHAT;
		rows[i].to_resource = i < 2 ? "nick" : "";
		rows[i].about = i > 0 ? "u1" : NULL;
	}
	assert_string_equal(FIND(*state, rows),
			    "u2 1 u1 - -\n"
			    "u3 1 u1 u1 -\n");
}

/* However many there are. */
static void
tells_the_first_ones(void **state)
{
	enum { COUNT = 70 };
	static struct archive_row rows[COUNT];
	static char uids[COUNT][8];
	const char *found, *last;

	rows[0] = said(0, "u1", "r@a", "j@b");
	for (int i = 1; i < COUNT; i++) {
		struct str uid = { 0 };

		str_addf(&uid, "v%d", 100 + i);
		memcpy(uids[i], uid.data, uid.len + 1);
		str_fini(&uid);
		rows[i] = about(i, uids[i], "j@b", "r@a", ARCHIVE_REACTION);
	}
	found = FIND(*state, rows);
	last = strstr(found, "]]\n");
	assert_non_null(strstr(found, "\"v150\""));
	assert_true(strstr(found, "\"v150\"") < last);
	assert_null(strstr(found, "\"v151\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(finds_what_is_about_one_of_the_same_talk),
		TEST(lets_nobody_change_what_others_said),
		TEST(tells_what_somebody_reacted_with),
		TEST(goes_by_the_origin_id_as_well),
		TEST(goes_by_the_ids_of_rooms),
		TEST(lets_only_the_author_or_the_room_retract),
		TEST(tells_the_first_ones),
	};

	return archivebed_run("archive_search_links", tests,
			      ARRAY_LEN(tests));
}
