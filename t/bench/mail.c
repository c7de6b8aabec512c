#include "t/bench/mail.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/speech.h"

#define SENDER "sender"

/* The numbers of a user's first and next message. */
struct box {
	unsigned first, next;
};

struct mail {
	const char *component, *host;
	struct box *boxes;	/* of each user */
	unsigned char *waits;	/* requests: whether each waits, a ring */
	unsigned long long asked, kept;
	XML_Parser expat;
	unsigned user;		/* who has come */
	unsigned forgot, got, due;	/* the next message that is to be
					   forgotten, that he must get, and
					   the one after the last */
};

/* More requests than this are never under way. */
#define RING 65536

struct mail *
mail_new(const char *component, const char *host, unsigned users,
	 unsigned stored)
{
	struct mail *mail = calloc(1, sizeof(*mail));

	ensure(mail != NULL && users > 0);
	mail->component = component;
	mail->host = host;
	mail->boxes = calloc(users, sizeof(*mail->boxes));
	mail->waits = calloc(RING, 1);
	mail->expat = XML_ParserCreate("UTF-8");
	ensure(mail->boxes != NULL && mail->waits != NULL &&
	       mail->expat != NULL);
	for (unsigned i = 0; i < users; i++)
		mail->boxes[i].next = stored;
	return mail;
}

void
mail_free(struct mail **mail_)
{
	struct mail *mail = *mail_;

	free(mail->boxes);
	free(mail->waits);
	XML_ParserFree(mail->expat);
	free(mail);
	*mail_ = NULL;
}

void
mail_hello(struct mail *mail, struct str *out)
{
	str_addf(out,
		 "<message from='%s' to='%s'><hello xmlns='urn:x-annex:0' "
		 "version='0' epoch='bench' router='bench' "
		 "hooks='store presence deliver delegate' fail='open' "
		 "window='1000' credit='64' stanza-bytes='524288'/>"
		 "</message>", mail->host, mail->component);
}

void
mail_store(struct mail *mail, unsigned user, struct str *out)
{
	unsigned number = mail->boxes[user].next++;
	char from[192], to[192];

	ensure(mail->waits[mail->asked % RING] == 0);
	mail->waits[mail->asked % RING] = 1;
	snprintf(from, sizeof(from), SENDER "@%s/r", mail->host);
	snprintf(to, sizeof(to), "u%07u@%s", user, mail->host);
	str_addf(out,
		 "<iq type='set' id='s%llu' from='%s' to='%s'>"
		 "<store xmlns='urn:x-annex:0' id='m%07u.%08u' user='%s'>"
		 "<forwarded xmlns='urn:xmpp:forward:0'>"
		 "<delay xmlns='urn:xmpp:delay' "
		 "stamp='2026-11-29T12:00:00.000Z'/>",
		 mail->asked, mail->host, mail->component, user, number, to);
	mail->asked++;
	speech_print_client(out, from, to, "chat", number);
	str_addz(out, "</forwarded></store></iq>");
}

unsigned long long
mail_kept(const struct mail *mail)
{
	return mail->kept;
}

unsigned long long
mail_waiting(const struct mail *mail)
{
	return mail->asked - mail->kept;
}

void
mail_come(struct mail *mail, unsigned user, struct str *out)
{
	mail->user = user;
	mail->got = mail->forgot = mail->boxes[user].first;
	mail->due = mail->boxes[user].next;
	mail->boxes[user].first = mail->due;
	str_addf(out,
		 "<message from='%s' to='%s'><online xmlns='urn:x-annex:0' "
		 "jid='u%07u@%s/r'><presence xmlns='jabber:client' "
		 "from='u%07u@%s/r'/></online></message>",
		 mail->host, mail->component, user, mail->host, user,
		 mail->host);
}

void
mail_go(struct mail *mail, struct str *out)
{
	str_addf(out,
		 "<message from='%s' to='%s'><offline xmlns='urn:x-annex:0' "
		 "jid='u%07u@%s/r'/></message>",
		 mail->host, mail->component, mail->user, mail->host);
}

unsigned
mail_due(const struct mail *mail)
{
	return mail->due - mail->got;
}

unsigned
mail_remembered(const struct mail *mail)
{
	return mail->due - mail->forgot;
}

static int
complain(const char *what, const char *text, size_t len)
{
	fprintf(stderr, "shim: %s: %.*s\n", what,
		(int)(len < 2000 ? len : 2000), text);
	return -1;
}

static int
read_result(struct mail *mail, const struct element *el)
{
	char *end;
	unsigned long long number = strtoull(el->id + 1, &end, 10);

	if (el->id[0] != 's' || *end != '\0' || number >= mail->asked ||
	    mail->asked - number > RING || mail->waits[number % RING] == 0)
		return -1;
	/* It says that the message is to bounce. */
	if (el->child[0] != '\0')
		return -1;
	mail->waits[number % RING] = 0;
	mail->kept++;
	return 0;
}

/* One message of those in a request. */
static int
read_message(struct mail *mail, const char *text, size_t len)
{
	struct element el;
	char user[192];

	snprintf(user, sizeof(user), "u%07u@%s", mail->user, mail->host);
	if (element_read(mail->expat, text, len, &el) < 0 ||
	    strcmp(el.type, "chat") != 0 || strcmp(el.to, user) != 0 ||
	    speech_read(&el) != (long)mail->got)
		return -1;
	mail->got++;
	return 0;
}

static int
read_deliver(struct mail *mail, const struct element *el, const char *text,
	     size_t len)
{
	static const char name[] = "<message ";
	const char *end = text + len, *at = text;
	char jid[192];

	snprintf(jid, sizeof(jid), "u%07u@%s/r", mail->user, mail->host);
	if (strcmp(el->jid, jid) != 0)
		return -1;
	while ((at = memmem(at, (size_t)(end - at), name,
			    sizeof(name) - 1)) != NULL) {
		size_t size = element_end(at, (size_t)(end - at));

		if (mail->got == mail->due || read_message(mail, at, size) < 0)
			return -1;
		at += size;
	}
	return 0;
}

/* A list of ids, one a line. */
static int
read_forget(struct mail *mail, const char *text, size_t len)
{
	const char *at = memmem(text, len, "<forget ", 8);
	char id[64];
	int size;

	ensure(at != NULL);
	do {
		at = strpbrk(at, ">\n") + 1;
		size = snprintf(id, sizeof(id), "m%07u.%08u", mail->user,
				mail->forgot);
		if (mail->forgot == mail->got ||
		    strncmp(at, id, (size_t)size) != 0)
			return -1;
		at += size;
		mail->forgot++;
	} while (*at == '\n');
	return *at == '<' ? 0 : -1;
}

static int
read_stanza(struct mail *mail, const struct element *el, const char *text,
	    size_t len, struct str *out)
{
	if (strcmp(el->child, "forget") == 0)
		return read_forget(mail, text, len);
	if (strcmp(el->name, "iq") != 0)
		return -1;
	if (strcmp(el->type, "result") == 0)
		return read_result(mail, el);
	if (strcmp(el->type, "error") == 0)
		return -1;
	if (strcmp(el->child, "deliver") == 0 &&
	    read_deliver(mail, el, text, len) < 0)
		return -1;
	str_addf(out, "<iq type='result' id='%s' from='%s' to='%s'/>",
		 el->id, el->to, el->from);
	return 0;
}

long
mail_read(struct mail *mail, const char *text, size_t len, struct str *out)
{
	struct element el;
	size_t used = 0, size;

	for (;;) {
		while (used < len && text[used] == ' ')
			used++;
		size = element_end(text + used, len - used);
		if (size == 0)
			return (long)used;
		if (element_read(mail->expat, text + used, size, &el) < 0)
			return complain("not well-formed", text + used, size);
		if (read_stanza(mail, &el, text + used, size, out) < 0)
			return complain("wrong", text + used, size);
		used += size;
	}
}
