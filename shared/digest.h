/*
 * digest.h - SHA-256 of bytes that come one after the other.
 */
#ifndef SHARED_DIGEST_H
#define SHARED_DIGEST_H

#include <stddef.h>

/* 64 hexadecimal digits in lower case, and the NUL. */
#define DIGEST_TEXT_SIZE 65

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *digest, const char *bytes, size_t len);
/* That of all that was added, into text, which is returned; the digest is
   freed. */
char *digest_end(struct digest **digest, char text[DIGEST_TEXT_SIZE]);
/* Nobody wants to know. */
void digest_free(struct digest **digest);

#endif
