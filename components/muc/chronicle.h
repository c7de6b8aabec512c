/*
 * chronicle.h - what is said in rooms, on its way into the archive.
 *
 * It goes into a journal, and from there into the archive's tables
 * (shared/archive_outlet.h).  Talk waits for neither.
 */
#ifndef MUC_CHRONICLE_H
#define MUC_CHRONICLE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/archive_outlet.h"

struct archive_attendance;
struct archive_event;
struct archive_row;
struct arena;
struct call;
struct chronicle;
struct chronicle_entry;
struct drain_wait;
struct error;
struct groups;
struct muc_settings;
struct runtime;

/* What its settings may be.  Returns 0, or -1 with err->text. */
int chronicle_check(const struct muc_settings *settings,
		    const struct groups *groups, const char **which_r,
		    struct error *err);
/* Whether there is to be one. */
bool chronicle_is_wanted(const struct muc_settings *settings);

/* Returns 0, or -1 with err->text why it cannot be. */
int chronicle_new(struct runtime *runtime, const struct muc_settings *settings,
		  struct chronicle **chronicle_r, struct error *err);
/* Has fn called with each row that retracts what was said in a room, when it
   goes from the journal to the database; it may come again. */
void chronicle_on_retraction(struct chronicle *chronicle,
			     void (*fn)(void *ctx,
					const struct archive_row *row),
			     void *ctx);
/* Nothing more is written from now on; calls fn, which may be from within,
   once what was said is safe in the journal. */
void chronicle_stop(struct chronicle *chronicle, void (*fn)(void *ctx),
		    void *ctx);
/* Once the store is closed.  One that could not be stopped, as its disk
   hangs, stays until the end of the process. */
void chronicle_free(struct chronicle **chronicle);

/* In the following, chronicle may be NULL: there is none. */

/* Takes what was said.  Where it retracts another message of the room
   (XEP-0424, XEP-0425), that one goes out of the archive with it, whatever
   happens to the process (shared/archive_burial.h). */
void chronicle_add(struct chronicle *chronicle, struct arena *arena,
		   const struct chronicle_entry *entry);
/* Whether what is retracted stays, for auditors alone.  There must be one. */
bool chronicle_keeps(const struct chronicle *chronicle);
/* Whether one that retracts another can be taken now.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT of type wait. */
int chronicle_check_room(const struct chronicle *chronicle,
			 struct error *err);
/* Whether nobody is shown what is said before it is there. */
bool chronicle_is_first(const struct chronicle *chronicle);
/* Takes it; fn is called once, later: err is NULL when it is there, and stays
   whatever happens.  Returns 0, or -1, and fn is not called. */
typedef void chronicle_fn(void *ctx, const struct error *err);
int chronicle_add_first(struct chronicle *chronicle,
			const struct chronicle_entry *entry,
			chronicle_fn *fn, void *ctx, struct error *err);

/* Takes an event; its mark is given here. */
void chronicle_note(struct chronicle *chronicle,
		    const struct archive_event *event);

/* Takes who came, or left, and is told at the next message (attendance.h);
   whether that makes sense now. */
bool chronicle_attends(const struct chronicle *chronicle);
void chronicle_attend(struct chronicle *chronicle,
		      const struct archive_attendance *attendance);
/* Grows when something of that was lost: all of it is to be told anew.  There
   must be one. */
unsigned chronicle_age(const struct chronicle *chronicle);

/* Whether the database has all that was said so far; wait->fn is called once
   it does, where that may be soon. */
enum archive_outlet_settling chronicle_await(struct chronicle *chronicle,
					     struct drain_wait *wait);

/* Adds to the status command. */
void chronicle_status(const struct chronicle *chronicle, struct call *call);

#endif
