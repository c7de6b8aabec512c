/*
 * spoolbed.h - where a router keeps messages, for a test: files in a folder of
 * their own, and a spool (shared/spool.h) that is read page by
 * page.
 */
#ifndef T_LIB_SPOOLBED_H
#define T_LIB_SPOOLBED_H

#include <stdbool.h>
#include <uv.h>

#include "shared/component.h"
#include "shared/error.h"
#include "shared/spool.h"
#include "shared/str.h"

struct spoolbed {
	char folder[64];
	struct runtime runtime;		/* with the loop alone */
	uv_loop_t loop;
	const struct spool *spool;
	enum spool_content content;	/* of what is opened next */
	void *source;			/* NULL: not open */
	struct spool_page page;		/* the latest */
	bool told;			/* it has come */
	struct error err;		/* of the latest page or open */
	unsigned pages;
	struct str said;		/* see spoolbed_read() */
};

struct spoolbed *spoolbed_new(void);
void spoolbed_free(struct spoolbed **bed);
/* For cmocka: the state becomes a spoolbed. */
int spoolbed_setup(void **state);
int spoolbed_teardown(void **state);
#define SPOOLBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, spoolbed_setup, \
					spoolbed_teardown)

/* The path of what has that name in the folder; valid until the next call. */
const char *spoolbed_path(struct spoolbed *bed, const char *name);
/* Writes a file, and makes the folders it is in; text NULL makes a folder. */
void spoolbed_write(struct spoolbed *bed, const char *name, const char *text);

/* Returns 0, or -1 with bed->err. */
int spoolbed_open(struct spoolbed *bed, const struct spool *spool,
		  const char *place);
/* Asks for the next page; spoolbed_page() waits for it as well, and returns
   whether there are more. */
void spoolbed_ask(struct spoolbed *bed);
bool spoolbed_page(struct spoolbed *bed);
/* The rest, a line each: "USER@HOST PLACE: KEY STAMP STANZA" or "USER@HOST
   PLACE: FAULT", what is not known being "-", and before STANZA "with PEER: "
   where the peer is known, and "as NICK: " likewise; and at last "error: " and
   why the rest cannot be read, if so. */
const char *spoolbed_read(struct spoolbed *bed);
void spoolbed_close(struct spoolbed *bed);

#endif
