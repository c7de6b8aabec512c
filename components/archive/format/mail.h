/*
 * mail.h - messages as mail (RFC 5322, with addresses of RFC 6532), for those
 * whose archives take nothing else.
 */
#ifndef ARCHIVE_MAIL_H
#define ARCHIVE_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_row;
struct arena;
struct str;

/* How it is to be written. */
struct mail_style {
	const char *eol;	/* what lines end by */
	bool ascii;		/* nothing else is in it (RFC 5322) */
	const char *headers;	/* more of them, each with its end; or "" */
	const char *references;	/* ids of what it refers to besides the message
				   that it is about; or NULL */
	const char *subject;	/* of what has none; or NULL */
	const char *audience;	/* whom it was shown in a room, a line each;
				   "" or NULL: nobody */
};

/* Adds the message.  What has more than a body has the whole stanza as a second
   part.  Returns false when that cannot be made, as what is stored is no XML
   any more: the part is that as it is then, and a header says so. */
bool mail_print(struct str *out, struct arena *arena,
		const struct archive_row *row,
		const struct mail_style *style);

/* Adds it as one of an mbox (mboxrd, lines ended by line feeds). */
bool mail_print_mbox(struct str *out, struct arena *arena,
		     const struct archive_row *row, const char *audience);

/* Parts of these, for other mails: "Date" and its end; an address of XMPP, as
   it is in a header; the part that comes first, with its headers; and before
   that those who were shown it. */
void mail_add_date(struct str *out, int64_t stamp, const char *eol);
void mail_add_address(struct str *out, const char *jid, bool ascii);
/* "Cc" with addresses, a line each; what is more than servers take in one
   header follows in others, "X-XMPP-Shown". */
void mail_add_audience(struct str *out, const char *lines,
		       const struct mail_style *style);
void mail_add_body(struct str *out, const char *body,
		   const struct mail_style *style);

/* "<" id "@annex.invalid>": all else than letters and digits is =XX, and
   routers' own uids are such. */
void mail_add_id(struct str *out, const char *id);

/* A boundary that begins with that and is not in any of count texts: nobody can
   put a digest of all that is written into it. */
#define MAIL_BOUNDARY_SIZE 64
void mail_name_boundary(const char *begin, const char *const *texts,
			size_t count, char boundary[MAIL_BOUNDARY_SIZE]);

#endif
