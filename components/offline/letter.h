/*
 * letter.h - a message as it is kept: as text, apart from when it was sent.
 */
#ifndef OFFLINE_LETTER_H
#define OFFLINE_LETTER_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct error;
struct hook_host;
struct xml;

/* Takes the delays away that this host added, as another will be when it is
   delivered.  Returns the earliest of their times and stamp: a message that
   comes back from a session which did not acknowledge it has the delay that it
   was delivered with. */
int64_t letter_take_stamp(struct xml *message, const char *host,
			  int64_t stamp);

/* Its namespace written out. */
const char *letter_print(struct arena *arena, const struct xml *message);

/* Whether the host can be given it later. */
bool letter_fits(const char *text, const struct hook_host *host);
/* What was printed, now that the host is to be given it.  Returns -1 when it
   cannot be read any more, or the host takes less by now; err says which. */
int letter_read(struct arena *arena, const char *text,
		const struct hook_host *host, struct xml **el_r,
		struct error *err);

#endif
