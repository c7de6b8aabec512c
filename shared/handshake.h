/*
 * handshake.h - opening an XEP-0114 stream, by libstrophe.
 *
 * libstrophe speaks the stream header and the handshake, but over a socket
 * pair of ours, so that to the caller it is bytes in and bytes out.  It never
 * sees a stanza: its parser drops the namespace of attributes, so that
 * <message x:from='owner@example' from='eve@example'/> would come out as the
 * owner's, makes lang of xml:lang, and knows no limit of size or depth.
 * parser.h reads what comes after the handshake.
 *
 * libstrophe waits in select(), so its descriptor must be below FD_SETSIZE
 * however many are in use: a few low ones are held from the beginning.
 */
#ifndef SHARED_HANDSHAKE_H
#define SHARED_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct handshake;
struct str;

/* Takes hold of low descriptors: call it early. */
struct handshake *handshake_new(void);
void handshake_free(struct handshake **handshake);

/* Begins afresh: adds the stream header to out.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT: a descriptor could not be had. */
int handshake_begin(struct handshake *handshake, const char *domain,
		    const char *secret, struct str *out, struct error *err);

/* Reads what the router sent, up to the end of its header and then up to the
   end of its handshake element, and adds the answer to out.  Not in smaller
   pieces: an expat that defers parsing would keep them back.  Returns 0, or -1
   with ERROR_BAD_REQUEST when libstrophe gave up. */
int handshake_feed(struct handshake *handshake, const char *bytes, size_t len,
		   struct str *out, struct error *err);

/* Whether the router took our secret. */
bool handshake_is_done(const struct handshake *handshake);

/* Frees all that belongs to this stream; may be called at any time but from
   within the functions above. */
void handshake_end(struct handshake *handshake);

#endif
