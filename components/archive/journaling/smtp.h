/*
 * smtp.h - mail to one server, from one address to another (RFC 5321), by
 * libcurl.
 *
 * Connections are kept and used again, each by a thread, so that whatever
 * servers do holds up nobody else.
 */
#ifndef ARCHIVE_SMTP_H
#define ARCHIVE_SMTP_H

#include <stdbool.h>
#include <uv.h>

struct error;
struct smtp;
struct str;

struct smtp_plan {
	const char *server;	/* smtp://HOST:PORT, or smtps:// */
	bool starttls;		/* no smtp:// without */
	const char *ca, *cert, *key;	/* as shared/libcurl.h has them */
	const char *user, *password;	/* "": it wants none */
	const char *from, *to;	/* mailboxes of ASCII */
	unsigned connections;	/* at least 1 */
	unsigned timeout_ms;	/* for one mail */
};

/* Whether it makes sense, and nothing but what is for this machine goes
   anywhere in clear text.  Returns 0, or -1 with err->text why, for people. */
int smtp_check(const struct smtp_plan *plan, struct error *err);

/* The plan is copied. */
struct smtp *smtp_new(uv_loop_t *loop, const struct smtp_plan *plan);
/* Not from within a callback.  Nobody is told what becomes of mails that are
   on their way.  It goes, with its threads, within a second or so of the
   loop. */
void smtp_free(struct smtp **smtp);

enum smtp_outcome {
	SMTP_TAKEN,
	SMTP_REFUSED,	/* for good, and it is this mail */
	SMTP_DEFERRED,	/* this mail, but perhaps not the next one */
	SMTP_FAILED,	/* the server, before it was given a mail */
};

/* Called once, never from within smtp_send().  why is one line of ASCII; NULL
   of what was taken. */
typedef void smtp_fn(void *ctx, enum smtp_outcome outcome, const char *why);

/* The mail is of lines of ASCII that end by CR LF; it is emptied. */
void smtp_send(struct smtp *smtp, struct str *mail, smtp_fn *fn, void *ctx);

#endif
