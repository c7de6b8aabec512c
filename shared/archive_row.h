/*
 * archive_row.h - a message as the archive stores it, and back.
 *
 * What people search for stands by itself; all other children are kept as
 * XML.  A message that is made of a row has the same children, the body, the
 * subject and the thread first, and those attributes that RFC 6120 knows.
 */
#ifndef SHARED_ARCHIVE_ROW_H
#define SHARED_ARCHIVE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_attendance;
struct archive_hearsay;
struct arena;
struct error;
struct stanza;
struct str;
struct xml;

/* Stored, so never changed. */
enum archive_type {
	ARCHIVE_NORMAL,
	ARCHIVE_CHAT,
	ARCHIVE_GROUPCHAT,
	ARCHIVE_HEADLINE,
	ARCHIVE_ERROR,
};

/* Which copies of it were seen; stored as well. */
enum archive_way {
	ARCHIVE_SENT = 1,	/* its sender's */
	ARCHIVE_RECEIVED = 2,	/* its recipient's */
	ARCHIVE_SHOWN = 4,	/* the one handed over later */
};
/* The same of copies that are in no archive which users read, but are kept for
   those who search all. */
#define ARCHIVE_UNSEEN(ways) ((unsigned)(ways) << 3)
/* Beside these, in the tables alone: users who have a copy, or still get one,
   are shown that it was removed (archive_burial.h). */
#define ARCHIVE_CONCEALED 64

enum archive_flag {
	ARCHIVE_ENCRYPTED = 1,	/* the body, if any, only says so */
	ARCHIVE_REMOTE = 2,	/* it came from another server */
	ARCHIVE_COMPONENT = 4,	/* it came from a component */
	/* These have attributes, or elements in them, so all of them is in
	   rest as well. */
	ARCHIVE_BODY_IN_REST = 8,
	ARCHIVE_SUBJECT_IN_REST = 16,
	ARCHIVE_THREAD_IN_REST = 32,
	ARCHIVE_REST_LOST = 64,	/* there was more than fits, or could be
				   read; in a text as well */
	/* It is to be shown as one that was removed (archive_tombstone.h). */
	ARCHIVE_ERASED = 128,
	/* Where it came from is told by another copy, as that of what is kept
	   before it is delivered; in no table. */
	ARCHIVE_NO_ORIGIN = 256,
};

/* How it is about another one (archive_about.h); stored as well. */
enum archive_relation {
	ARCHIVE_ABOUT_NONE,
	ARCHIVE_RETRACTION,	/* XEP-0424 and XEP-0425 */
	ARCHIVE_EDIT,		/* XEP-0308 */
	ARCHIVE_REACTION,	/* XEP-0444 */
	ARCHIVE_FASTENING,	/* XEP-0422 */
	ARCHIVE_REPLY,		/* XEP-0461 */
	ARCHIVE_RECEIPT,	/* XEP-0184 */
	ARCHIVE_DISPLAYED,	/* XEP-0333 */
};

#define ARCHIVE_UID_MAX 255
/* Of all texts of a row together: as much as parsers let pass, since what they
   let pass is delivered. */
#define ARCHIVE_ROW_MAX (4 << 20)

/* What the message itself does not say. */
struct archive_mark {
	int64_t serial;		/* shared/serial.h */
	int64_t stamp;		/* when it was sent, microseconds since 1970;
				   of a copy that is shown later, when it was
				   handed over */
	const char *uid;	/* the same in all copies of one message, and
				   in no other message; never empty */
	unsigned ways;		/* enum archive_way, at least one; or none of
				   what is retracted in a room, and not stored
				   itself */
	unsigned flags;		/* ARCHIVE_REMOTE or ARCHIVE_COMPONENT, and
				   ARCHIVE_REST_LOST of what is not whole */
};

/* Texts are UTF-8 without NUL.  One of sender and recipient is a room as well
   where somebody says something to one person in it; the type is chat then.  So
   what is to be a room's archive has ARCHIVE_GROUPCHAT alone (XEP-0313 section
   5.1.2). */
struct archive_row {
	struct archive_mark mark;	/* with all flags */
	enum archive_type type;
	unsigned event;		/* enum archive_event_kind (archive_event.h);
				   0: it is a message */
	const char *sender, *recipient;	/* bare addresses; a room's archive
					   has its own: the room's, a slash,
					   and when it was made */
	const char *resource;		/* the sender's; "" where none */
	const char *to_resource;	/* the recipient's, likewise */
	/* NULL where there is none, which "" is not. */
	const char *id;		/* the sender's own */
	const char *lang;	/* of the whole message */
	const char *subject, *body, *thread;
	const char *rest;	/* children, in NS_CLIENT by default */
	enum archive_relation relation;
	const char *about;	/* the id of that one, as the message has it */
	/* NULL.  Or it is a copy of what was said in a room that is not kept
	   here (archive_hearsay.h); in no table. */
	const struct archive_hearsay *hearsay;

	/* What no journal has.  Where it is a retraction: the text goes of that
	   one which has any of these ways (archive_burial.h); 0: of none. */
	unsigned buries;
	bool conceals;	/* it stays, for those who search all */
	/* Of a message: what retracts it may be stored already
	   (archive_late.h). */
	bool late;
	/* What the tables alone have: of one that is shown as removed, what is
	   shown in place of its children, or NULL. */
	const char *remains;
	/* What a search finds alone (archive_search.h); NULL where there is
	   none.  The uid of the message that it is about; and those about it, a
	   JSON array of arrays: relation, uid, serial, stamp, sender, resource,
	   and of an edit its text, or of reactions their rest. */
	const char *original, *links;
	/* NULL.  Or it is no message, but this, by the mark's serial; only
	   who writes takes such. */
	const struct archive_attendance *attendance;
};

/* The row of a message, which is changed in nothing.  What is in the row lives
   as long as the arena, the stanza and the mark's uid.  A message without a
   recipient is for its sender's own account (RFC 6120 section 8.1.1).  The
   rest is larger than what came, as it is escaped and names each namespace
   again; where it is too large, much larger than what came, or could not be
   read again (archive_rest.h), it is left out, and the flags say so.  So are
   the body, the subject and the thread when they are too large.
   Returns 0, or -1: ERROR_BAD_REQUEST when it is no message, has no sender, or
   its mark is wrong; ERROR_POLICY_VIOLATION when even its attributes are too
   large. */
int archive_row_of(struct arena *arena, const struct stanza *stanza,
		   const struct archive_mark *mark,
		   struct archive_row *row_r, struct error *err);

/* What is stored as that number.  One that nobody stores counts as normal (RFC
   6121 section 5.2.2). */
enum archive_type archive_row_type(int64_t number);

/* The message that the row was made of, in the arena, from which it borrows
   what is in the row.  Returns 0, or -1 with ERROR_BAD_REQUEST: rest is no
   XML, or the type is none, so somebody else has changed it. */
int archive_row_message(struct arena *arena, const struct archive_row *row,
			struct xml **message_r, struct error *err);

/* Whether those who read an archive that it is in are shown it as one that was
   removed. */
bool archive_row_is_removed(const struct archive_mark *mark);
/* Of such a one, the message with what remains, likewise; NULL: nothing. */
int archive_row_remains(struct arena *arena, const struct archive_row *row,
			struct xml **message_r, struct error *err);

/* Adds the row as one text without NUL, to be kept in a journal. */
void archive_row_print(struct str *out, const struct archive_row *row);

/* The row of such a text, which lives as long as the arena.  Returns 0, or -1
   with ERROR_BAD_REQUEST: nobody has printed that. */
int archive_row_parse(struct arena *arena, const char *text, size_t len,
		      struct archive_row *row_r, struct error *err);

#endif
