/*
 * mail.h - messages for users who are away, as a router's shim hands them to
 * a component and gets them back (components/router/PROTOCOL, 6 to 9).
 *
 * Every store must be answered once, by a result; and who comes must get all
 * that was stored for him, once, in order, and with the id and body it had;
 * then the shim must be told to forget it.
 */
#ifndef T_BENCH_MAIL_H
#define T_BENCH_MAIL_H

#include <stddef.h>

#include "shared/str.h"

struct mail;

/* Of users at that host; so many messages of each are stored already. */
struct mail *mail_new(const char *component, const char *host,
		      unsigned users, unsigned stored);
void mail_free(struct mail **mail);

/* Adds what the shim says first. */
void mail_hello(struct mail *mail, struct str *out);

/* Adds the request to store one more message. */
void mail_store(struct mail *mail, unsigned user, struct str *out);
/* How many were answered, and how many are still to be. */
unsigned long long mail_kept(const struct mail *mail);
unsigned long long mail_waiting(const struct mail *mail);

/* Adds that the user comes, one at a time, and that he goes. */
void mail_come(struct mail *mail, unsigned user, struct str *out);
void mail_go(struct mail *mail, struct str *out);
/* How many messages are still to be handed to that user, and to be
   forgotten. */
unsigned mail_due(const struct mail *mail);
unsigned mail_remembered(const struct mail *mail);

/* Reads what came.  Returns how many bytes of it were used; or -1, having said
   on stderr what is wrong.  Answers are added to out. */
long mail_read(struct mail *mail, const char *text, size_t len,
	       struct str *out);

#endif
