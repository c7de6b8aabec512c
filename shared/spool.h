/*
 * spool.h - where a router keeps messages: what an import reads them from,
 * page by page.
 */
#ifndef SHARED_SPOOL_H
#define SHARED_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct jid;
struct runtime;
struct stanza;

/* Which of its messages. */
enum spool_content {
	SPOOL_OFFLINE,	/* those for users who are away */
	SPOOL_ARCHIVE,	/* users' archives */
	SPOOL_ROOMS,	/* those of rooms */
};

/* A message, or something that should have been one.  All texts are in the
   page's arena. */
struct spool_record {
	const char *user, *host;	/* whose it is, or of which room, as
					   the router wrote it; NULL: not
					   known */
	const char *place;	/* for people: which file and line, which row */
	const char *fault;	/* why it cannot be read, or NULL; then nothing
				   of what follows is there */
	const char *key;	/* together with stanza only this one's; in an
				   archive its id */
	const char *peer;	/* in an archive: whom it was sent to or came
				   from, a bare address; NULL: not known */
	bool room;		/* it is in a room's archive, not a user's */
	const char *nick;	/* then: as whom it was said; NULL: the stanza
				   says */
	const char *stanza;	/* as XML */
	const char *from;	/* its sender; NULL: the stanza says */
	int64_t stamp;		/* when it was sent: microseconds since 1970;
				   0: the stanza's delay says */
	int64_t expires;	/* the same; 0: never */
};

/* Most in a page, and how long it may take to read them. */
#define SPOOL_PAGE 100
#define SPOOL_PAGE_NS 2000000
#define SPOOL_PAGE_BYTES ((size_t)1 << 20)

struct spool_page {
	struct arena *arena;
	struct spool_record records[SPOOL_PAGE];
	size_t count;		/* may be 0 while there is more */
	bool last;
	uint64_t done, total;	/* of whatever measures progress; total 0: not
				   known */
	uint64_t began_ns;	/* uv_hrtime() */
};

/* Whether it is time to stop reading. */
bool spool_page_is_full(const struct spool_page *page);
/* The next record, with its place. */
struct spool_record *spool_page_add(struct spool_page *page,
				    const char *place);
/* The same, one that is broken. */
void spool_page_blame(struct spool_page *page, const char *place,
		      const char *fault);

/* The message that a record's stanza is, in the arena.  -1 with err when it is
   none. */
int spool_read_message(struct arena *arena, const char *text,
		       struct stanza *stanza_r, struct error *err);
/* The address of a user as a record names him.  -1 with err when it is none. */
int spool_read_user(struct arena *arena, const char *user, const char *host,
		    const struct jid **jid_r, struct error *err);

typedef void spool_fn(void *ctx, const struct error *err);

/* A kind of spool. */
struct spool {
	const char *name;
	/* -1 with err when there is no such thing at that place. */
	int (*open)(struct runtime *runtime, const char *place,
		    enum spool_content content, void **self_r,
		    struct error *err);
	/* Fills the page, which is empty, then calls fn: from within, or
	   later; with err when the rest cannot be read. */
	void (*read)(void *self, struct spool_page *page, spool_fn *fn,
		     void *ctx);
	/* fn is not called any more. */
	void (*close)(void *self);
};

extern const struct spool ejabberd_spool;	/* spool_ejabberd.c */
extern const struct spool prosody_spool;	/* spool_prosody.c */
extern const struct spool ejabberd_sql_spool;	/* spool_sql.c */
extern const struct spool prosody_sql_spool;

#endif
