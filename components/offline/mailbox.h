/*
 * mailbox.h - what is known in memory of one user: how many messages wait, of
 * whom, and which of the user's sessions could take them.
 *
 * The messages themselves are in the database alone.  A mailbox is made when
 * it is needed, and goes when others were used after it; but not while there
 * is something to do for it, or the user is there.
 */
#ifndef OFFLINE_MAILBOX_H
#define OFFLINE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <uthash.h>

struct custody;
struct delivery;
struct error;
struct mailbox;
struct offline;
struct sender;
struct resource;
struct show;
struct store_result;
struct suspect;

enum mailbox_state {
	MAILBOX_NEW,		/* its messages have not been counted */
	MAILBOX_COUNTING,	/* the database has been asked */
	MAILBOX_READY,
};

/* err is NULL, or says why the messages could not be counted. */
typedef void mailbox_fn(struct mailbox *mailbox, const struct error *err);

/* Those who judge what comes, and an import. */
#define MAILBOX_ASKERS 2

struct mailbox {
	struct offline *offline;
	char *jid;
	enum mailbox_state state;
	mailbox_fn *counted[MAILBOX_ASKERS];	/* while counting */
	size_t count;			/* of its messages */
	struct sender *senders;		/* of these */
	unsigned holds;
	struct custody *first, *last;	/* messages that wait to be judged */
	struct resource *sessions;
	struct delivery *delivery;	/* under way, or NULL */
	struct suspect *suspect;	/* once the router failed over one
					   message; or NULL */
	struct show *showing;		/* some of them, to a session that
					   asked for these; or NULL */
	UT_hash_handle hh;		/* in offline->mailboxes, by jid */
};

/* Those with nothing to do that stay in memory. */
#define MAILBOX_IDLE_MAX 131072

/* The user's, made if need be. */
struct mailbox *mailbox_use(struct offline *offline, const char *jid);
/* The same, or NULL. */
struct mailbox *mailbox_find(const struct offline *offline, const char *jid);
/* That of its user. */
const char *mailbox_host(const struct mailbox *mailbox);
/* All of them, when the service ends. */
void mailbox_free_all(struct offline *offline);

/* While it is held it stays. */
void mailbox_hold(struct mailbox *mailbox);
void mailbox_release(struct mailbox *mailbox);

/* Calls fn once its messages are counted: at once if they are, else with what
   is known then.  While it is being counted, each fn that was given is called
   once, however often it was, and there may be MAILBOX_ASKERS of them. */
void mailbox_count(struct mailbox *mailbox, mailbox_fn *fn);

/* All its messages were looked for, and there was none.  One that is doubted
   is still to be counted. */
void mailbox_found_empty(struct mailbox *mailbox);
/* Nobody knows how many there are any more: to be counted anew. */
void mailbox_doubt(struct mailbox *mailbox);

/* How many are of that sender. */
size_t mailbox_count_of(const struct mailbox *mailbox, const char *sender);
/* Whether one more is too many, of *sender_r or of all; whose limit it is goes
   there, NULL for all, and how many there may be to keep_r. */
bool mailbox_is_full(const struct mailbox *mailbox, const char **sender_r,
		     unsigned *keep_r);
void mailbox_add(struct mailbox *mailbox, const char *sender, size_t n);
void mailbox_subtract(struct mailbox *mailbox, const char *sender, size_t n);
/* What shelf_remove() or one of its kin was told: what the result names is no
   more, whosever it was.  Where it cannot name all, what may have been removed
   is counted anew: that user's, or everybody's where jid is NULL. */
void mailbox_take_removed(const struct offline *offline, const char *jid,
			  const struct store_result *result,
			  const struct error *err);

#endif
