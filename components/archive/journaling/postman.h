/*
 * postman.h - who mails what waits for one section journaling.
 *
 * He reads a part of it, has each mail sent, and takes what was taken out of
 * the table; then the next part.  Whatever ends the process between the two,
 * they are sent again, with the same ids.  A server that fails is left alone
 * for a while, and then longer.  A mail that it does not take waits, and holds
 * up no other.
 */
#ifndef ARCHIVE_POSTMAN_H
#define ARCHIVE_POSTMAN_H

struct archive;
struct arrears;
struct call;
struct journaling;
struct metric;
struct postman;

/* What became of mails. */
enum postman_count {
	POSTMAN_SENT,
	POSTMAN_REFUSED,	/* for good */
	POSTMAN_FAILED,		/* as the server or the way there does */
	POSTMAN_ASIDE,		/* refused once too often */
	POSTMAN_COUNTS,
};

/* counts has POSTMAN_COUNTS; the journaling becomes his. */
struct postman *postman_new(struct archive *archive,
			    struct journaling *journaling,
			    struct metric *const *counts);
/* At any time.  What the store has not answered yet does not matter. */
void postman_free(struct postman **postman);

const char *postman_title(const struct postman *postman);
/* Goes on by those settings, of the same title, after what is on its way; at
   once where that is nothing. */
void postman_reload(struct postman *postman, struct journaling *journaling);

/* What waits for him; stays as long as he does. */
const struct arrears *postman_arrears(const struct postman *postman);
/* Adds his line to the status command. */
void postman_status(const struct postman *postman, struct call *call);

#endif
