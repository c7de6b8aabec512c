/*
 * letter.h - mails that tell an archive of mail what was said: a message each,
 * or as much of one conversation as belongs together.
 *
 * The ids of mails are made of the messages' uids, so that one that is sent
 * again has the same.  All of one conversation refer to the same id, which is
 * that of no mail, and those of one thread to one more; so they thread.
 */
#ifndef ARCHIVE_LETTER_H
#define ARCHIVE_LETTER_H

#include <stddef.h>

struct archive_row;
struct arena;
struct str;

struct letter {
	const char *from;	/* whose mail it is: a mailbox */
	const struct archive_row *rows;
	const char *const *audiences;	/* whom each was shown in a room, a
					   line for each of them */
	size_t count;		/* at least 1; all of one conversation */
};

/* Adds a mail of one message, which is as those of an export. */
void letter_print(struct str *out, struct arena *arena,
		  const struct letter *letter);
/* Adds a mail of all of them: what was said as a text, and each message as a
   mail. */
void letter_print_window(struct str *out, struct arena *arena,
			 const struct letter *letter);

#endif
