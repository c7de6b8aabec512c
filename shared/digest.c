#include "shared/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/error.h"

#define DIGEST_BYTES 32

struct digest {
	EVP_MD_CTX *ctx;
};

struct digest *
digest_new(void)
{
	struct digest *digest = malloc(sizeof(*digest));

	ensure(digest != NULL);
	ensure((digest->ctx = EVP_MD_CTX_new()) != NULL);
	ensure(EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) == 1);
	return digest;
}

void
digest_add(struct digest *digest, const char *bytes, size_t len)
{
	ensure(EVP_DigestUpdate(digest->ctx, bytes, len) == 1);
}

char *
digest_end(struct digest **digest, char text[DIGEST_TEXT_SIZE])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	ensure(EVP_DigestFinal_ex((*digest)->ctx, bytes, &len) == 1);
	ensure(len == DIGEST_BYTES);
	for (unsigned i = 0; i < len; i++)
		snprintf(text + (size_t)2 * i, 3, "%02x", bytes[i]);
	digest_free(digest);
	return text;
}

void
digest_free(struct digest **digest)
{
	if (*digest == NULL)
		return;
	EVP_MD_CTX_free((*digest)->ctx);
	free(*digest);
	*digest = NULL;
}
