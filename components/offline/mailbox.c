#include "components/offline/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/error.h"
#include "shared/str.h"

/* How many of a mailbox's messages are of whom. */
struct sender {
	struct sender *next;
	size_t count;
	char jid[];
};

static void
set_state(struct mailbox *mailbox, enum mailbox_state state)
{
	mailbox->state = state;
}

static void
forget_senders(struct mailbox *mailbox)
{
	struct sender *sender;

	while ((sender = mailbox->senders) != NULL) {
		mailbox->senders = sender->next;
		free(sender);
	}
	mailbox->count = 0;
}

static void
mailbox_free(struct mailbox *mailbox)
{
	HASH_DEL(mailbox->offline->mailboxes, mailbox);
	forget_senders(mailbox);
	free(mailbox->suspect);
	free(mailbox->jid);
	free(mailbox);
}

static bool
is_idle(const struct mailbox *mailbox)
{
	return mailbox->holds == 0 && mailbox->state != MAILBOX_COUNTING &&
	       mailbox->first == NULL && mailbox->sessions == NULL &&
	       mailbox->delivery == NULL;
}

/* The table is in the order of use, those in use at its end sooner or later,
   so that few of them have to be passed over. */
static void
make_room(struct offline *offline)
{
	struct mailbox *mailbox, *next;
	size_t looks = 16;

	if (HASH_COUNT(offline->mailboxes) < MAILBOX_IDLE_MAX)
		return;
	for (mailbox = offline->mailboxes; mailbox != NULL && looks-- > 0;
	     mailbox = next) {
		next = mailbox->hh.next;
		if (is_idle(mailbox)) {
			mailbox_free(mailbox);
			return;
		}
		HASH_DEL(offline->mailboxes, mailbox);
		HASH_ADD_KEYPTR(hh, offline->mailboxes, mailbox->jid,
				strlen(mailbox->jid), mailbox);
	}
}

struct mailbox *
mailbox_find(const struct offline *offline, const char *jid)
{
	struct mailbox *mailbox;

	HASH_FIND_STR(offline->mailboxes, jid, mailbox);
	return mailbox;
}

struct mailbox *
mailbox_use(struct offline *offline, const char *jid)
{
	struct mailbox *mailbox = mailbox_find(offline, jid);

	if (mailbox != NULL) {
		HASH_DEL(offline->mailboxes, mailbox);
	} else {
		make_room(offline);
		mailbox = calloc(1, sizeof(*mailbox));
		ensure(mailbox != NULL);
		mailbox->offline = offline;
		mailbox->jid = str_dup(jid);
	}
	HASH_ADD_KEYPTR(hh, offline->mailboxes, mailbox->jid,
			strlen(mailbox->jid), mailbox);
	return mailbox;
}

const char *
mailbox_host(const struct mailbox *mailbox)
{
	return strrchr(mailbox->jid, '@') + 1;
}

void
mailbox_free_all(struct offline *offline)
{
	struct mailbox *mailbox, *next;

	HASH_ITER(hh, offline->mailboxes, mailbox, next)
		mailbox_free(mailbox);
}

void
mailbox_hold(struct mailbox *mailbox)
{
	mailbox->holds++;
}

void
mailbox_release(struct mailbox *mailbox)
{
	ensure(mailbox->holds > 0);
	mailbox->holds--;
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct mailbox *mailbox = ctx;
	mailbox_fn *counted[MAILBOX_ASKERS];
	struct shelf_share share;

	memcpy(counted, mailbox->counted, sizeof(counted));
	memset(mailbox->counted, 0, sizeof(mailbox->counted));
	set_state(mailbox, err == NULL ? MAILBOX_READY : MAILBOX_NEW);
	for (size_t i = 0; err == NULL && i < store_rows(result); i++) {
		shelf_get_share(result, i, &share);
		if (strcmp(share.jid, mailbox->jid) != 0)
			continue;
		mailbox_add(mailbox, share.sender, share.count);
	}
	for (size_t i = 0; i < MAILBOX_ASKERS; i++)
		if (counted[i] != NULL)
			counted[i](mailbox, err);
}

static void
add_asker(struct mailbox *mailbox, mailbox_fn *fn)
{
	size_t i = 0;

	while (mailbox->counted[i] != NULL && mailbox->counted[i] != fn)
		ensure(++i < MAILBOX_ASKERS);
	mailbox->counted[i] = fn;
}

void
mailbox_count(struct mailbox *mailbox, mailbox_fn *fn)
{
	if (mailbox->state == MAILBOX_READY) {
		fn(mailbox, NULL);
		return;
	}
	add_asker(mailbox, fn);
	if (mailbox->state == MAILBOX_NEW) {
		forget_senders(mailbox);
		set_state(mailbox, MAILBOX_COUNTING);
		shelf_count(mailbox->offline->shelf, mailbox->jid,
			    on_counted, mailbox);
	}
}

void
mailbox_found_empty(struct mailbox *mailbox)
{
	if (mailbox->state == MAILBOX_NEW && mailbox->senders == NULL)
		set_state(mailbox, MAILBOX_READY);
}

void
mailbox_doubt(struct mailbox *mailbox)
{
	if (mailbox->state == MAILBOX_READY)
		set_state(mailbox, MAILBOX_NEW);
}

/* Where the sender is, or belongs. */
static struct sender **
find_sender(const struct mailbox *mailbox, const char *jid)
{
	struct sender **at = (struct sender **)&mailbox->senders;

	while (*at != NULL && strcmp((*at)->jid, jid) != 0)
		at = &(*at)->next;
	return at;
}

size_t
mailbox_count_of(const struct mailbox *mailbox, const char *sender)
{
	const struct sender *found = *find_sender(mailbox, sender);

	return found == NULL ? 0 : found->count;
}

bool
mailbox_is_full(const struct mailbox *mailbox, const char **sender_r,
		unsigned *keep_r)
{
	const struct offline_settings *settings = mailbox->offline->settings;

	/* What makes room for this one makes room among all. */
	*keep_r = settings->sender_messages;
	if (*keep_r != 0 && mailbox_count_of(mailbox, *sender_r) >= *keep_r)
		return true;
	*sender_r = NULL;
	*keep_r = settings->user_messages;
	return *keep_r != 0 && mailbox->count >= *keep_r;
}

void
mailbox_add(struct mailbox *mailbox, const char *jid, size_t n)
{
	struct sender **at = find_sender(mailbox, jid);
	size_t len = strlen(jid);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at) + len + 1);
		ensure(*at != NULL);
		memcpy((*at)->jid, jid, len);
	}
	(*at)->count += n;
	mailbox->count += n;
}

void
mailbox_subtract(struct mailbox *mailbox, const char *jid, size_t n)
{
	struct sender **at = find_sender(mailbox, jid);
	struct sender *sender = *at;

	if (sender == NULL)
		return;
	if (n > sender->count)
		n = sender->count;
	mailbox->count -= n;
	sender->count -= n;
	if (sender->count > 0)
		return;
	*at = sender->next;
	free(sender);
}

static void
doubt_all(const struct offline *offline)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		mailbox_doubt(mailbox);
}

static void
doubt(const struct offline *offline, const char *jid)
{
	struct mailbox *mailbox;

	if (jid == NULL)
		doubt_all(offline);
	else if ((mailbox = mailbox_find(offline, jid)) != NULL)
		mailbox_doubt(mailbox);
}

static void
subtract_all(const struct offline *offline, const struct store_result *result)
{
	struct shelf_removed removed;
	struct mailbox *mailbox;

	for (size_t i = 0; i < store_rows(result); i++) {
		shelf_get_removed(result, i, &removed);
		mailbox = mailbox_find(offline, removed.jid);
		if (mailbox != NULL)
			mailbox_subtract(mailbox, removed.sender, 1);
	}
}

void
mailbox_take_removed(const struct offline *offline, const char *jid,
		     const struct store_result *result,
		     const struct error *err)
{
	/* What is done again finds nothing of what it removed before. */
	if (err != NULL || store_is_repeated(result))
		doubt(offline, jid);
	if (err == NULL)
		subtract_all(offline, result);
}
