/*
 * mam_answer.h - a page of an archive as whoever asked for it gets it
 * (XEP-0313 sections 4.2 and 4.3).
 */
#ifndef SHARED_MAM_ANSWER_H
#define SHARED_MAM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct archive_page;
struct archive_row;
struct arena;
struct mam_query;
struct xml;

struct mam_answer {
	const struct mam_query *query;
	const char *archive;	/* its address: whom the results are from */
	const char *asker;	/* whom they are for */
	size_t limit_bytes;	/* the largest result that can be sent, as
				   text; SIZE_MAX: any */
	bool unstable;		/* shared/mam_fin.h */
	/* May be NULL: changes the message that was made of a row into what the
	   asker may see of it. */
	void (*present)(void *ctx, struct arena *arena,
			const struct archive_row *row, struct xml *message);
	/* Called with each result, in the order in which they are to be sent;
	   it is valid during the call. */
	void (*send)(void *ctx, const struct xml *result);
	void *ctx;
};

/* Has all results sent, and returns, in the arena, what the IQ is to be
   answered with after them.  A message that cannot be read any more, since
   somebody else changed what is stored, or whose result is too large, is as one
   that was removed (section 3.2), and logged: the client knows that there is
   one, and goes on. */
struct xml *mam_answer_page(struct arena *arena,
			    const struct mam_answer *answer,
			    const struct archive_page *page);

#endif
