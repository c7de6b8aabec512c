/*
 * mail.h - messages as mail (RFC 5322, with addresses of RFC 6532), for those
 * whose archives take nothing else.
 */
#ifndef ARCHIVE_MAIL_H
#define ARCHIVE_MAIL_H

struct archive_row;
struct arena;
struct str;

/* Adds the message, whose lines end by eol.  What has more than a body has the
   whole stanza as a second part. */
void mail_print(struct str *out, struct arena *arena,
		const struct archive_row *row, const char *eol);

/* Adds it as one of an mbox (mboxrd, lines ended by line feeds). */
void mail_print_mbox(struct str *out, struct arena *arena,
		     const struct archive_row *row);

#endif
