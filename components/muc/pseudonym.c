#include "components/muc/pseudonym.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/random.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

static void
print_hex(const unsigned char *bytes, size_t count, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void
pseudonym_make_key(char key_r[PSEUDONYM_KEY_SIZE])
{
	unsigned char dice[(PSEUDONYM_KEY_SIZE - 1) / 2];

	ensure(getrandom(dice, sizeof(dice), 0) == sizeof(dice));
	print_hex(dice, sizeof(dice), key_r);
}

/* Half of the hash is as hard to find a second address for as can be wanted,
   and goes with whatever everybody says. */
void
pseudonym_make(const char *key, const char *jid,
	       char pseudonym_r[PSEUDONYM_SIZE])
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	ensure(HMAC(EVP_sha256(), key, (int)strlen(key),
		    (const unsigned char *)jid, strlen(jid), hash,
		    NULL) != NULL);
	print_hex(hash, (PSEUDONYM_SIZE - 1) / 2, pseudonym_r);
}

void
pseudonym_print(struct str *out, const char *pseudonym)
{
	str_addz(out, "<occupant-id xmlns='" NS_OCCUPANT_ID "'");
	xml_print_attr(out, "id", pseudonym);
	str_addz(out, "/>");
}

struct xml *
pseudonym_add(struct arena *arena, struct xml *stanza, const char *pseudonym)
{
	struct xml *el = xml_add(arena, stanza, NS_OCCUPANT_ID, "occupant-id");

	return xml_set(arena, el, "id", arena_strdup(arena, pseudonym));
}
