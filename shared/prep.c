#include "shared/prep.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>

#include "shared/error.h"

/* RFC 1035 section 2.3.4: bytes in one label of a domain. */
#define LABEL_MAX 63

#define BAD_CHARACTER "a character that is not allowed"

/* What a part may hold of ASCII, which is what most addresses are made of:
   no library is asked about them. */
struct rule {
	char map[UCHAR_MAX + 1]; /* what a byte becomes; 0: refused, or not
				    of ASCII */
	/* What does the same and more for all other text. */
	const Stringprep_profile *profile;
	const char *name;
};

#define LOW(c) (UINT64_C(1) << (c))
#define HIGH(c) (UINT64_C(1) << ((c) - 64))
#define CONTROLS UINT64_C(0x00000000ffffffff)
#define DIGITS UINT64_C(0x03ff000000000000)
#define LETTERS UINT64_C(0x07fffffe07fffffe)

/* A map of ASCII from a macro for one byte. */
#define MAP(byte) { \
	MAP16(byte, 0), MAP16(byte, 16), MAP16(byte, 32), MAP16(byte, 48), \
	MAP16(byte, 64), MAP16(byte, 80), MAP16(byte, 96), MAP16(byte, 112) }
#define MAP16(byte, c) MAP4(byte, c), MAP4(byte, (c) + 4), \
	MAP4(byte, (c) + 8), MAP4(byte, (c) + 12)
#define MAP4(byte, c) byte(c), byte((c) + 1), byte((c) + 2), byte((c) + 3)

#define REFUSED(c, low, high) (((c) < 64 ? (low) : (high)) >> ((c) & 63) & 1)
#define LOWER(c) ((c) >= 'A' && (c) <= 'Z' ? (c) + 'a' - 'A' : (c))

/* RFC 6122 appendix A.5. */
#define LOCAL_LOW (CONTROLS | LOW(' ') | LOW('"') | LOW('&') | LOW('\'') | \
	LOW('/') | LOW(':') | LOW('<') | LOW('>'))
#define LOCAL_HIGH (HIGH('@') | HIGH(0x7f))
#define LOCAL(c) (REFUSED(c, LOCAL_LOW, LOCAL_HIGH) ? 0 : LOWER(c))

static const struct rule local_rule = {
	MAP(LOCAL), stringprep_xmpp_nodeprep, "local part",
};

/* Letters, digits and hyphens, and the underscore that real names have. */
#define DOMAIN_LOW ~(DIGITS | LOW('-') | LOW('.'))
#define DOMAIN_HIGH ~(LETTERS | HIGH('_'))
#define DOMAIN(c) (REFUSED(c, DOMAIN_LOW, DOMAIN_HIGH) ? 0 : LOWER(c))

static const struct rule domain_rule = {
	MAP(DOMAIN), stringprep_nameprep, "domain",
};

/* RFC 6122 appendix B.5. */
#define RESOURCE(c) (REFUSED(c, CONTROLS, HIGH(0x7f)) ? 0 : (c))

static const struct rule resource_rule = {
	MAP(RESOURCE), stringprep_xmpp_resourceprep, "resource",
};

static bool
is_ascii(const char *text, size_t len)
{
	unsigned char bits = 0;

	for (size_t i = 0; i < len; i++)
		bits |= (unsigned char)text[i];
	return bits < 0x80;
}

static int
check_len(const struct rule *rule, size_t len, struct error *err)
{
	if (len == 0)
		return error_set(err, ERROR_JID_MALFORMED,
				 "the %s of the address is empty", rule->name);
	if (len > PREP_MAX)
		return error_set(err, ERROR_JID_MALFORMED,
				 "the %s of the address is longer than %d "
				 "bytes", rule->name, PREP_MAX);
	return 0;
}

static int
refuse(const struct rule *rule, const char *why, struct error *err)
{
	return error_set(err, ERROR_JID_MALFORMED,
			 "in the %s of the address: %s", rule->name, why);
}

/* One pass without a branch for a refusal: this is every stanza's way. */
static bool
map_ascii(const struct rule *rule, const char *text, size_t len,
	  struct prep *prep_r)
{
	bool refused = false;

	if (len == 0 || len > PREP_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = rule->map[(unsigned char)text[i]];

		refused |= c == '\0';
		prep_r->text[i] = c;
	}
	prep_r->text[len] = '\0';
	prep_r->len = len;
	return !refused;
}

static int
refuse_ascii(const struct rule *rule, size_t len, struct error *err)
{
	if (check_len(rule, len, err) < 0)
		return -1;
	return refuse(rule, BAD_CHARACTER, err);
}

/* The bytes of the character that lead begins, by RFC 3629 section 3; 0 when
   it begins none. */
static size_t
utf8_size(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/* Reads one character, refusing NUL, surrogates, what Unicode does not reach
   and forms longer than needed.  Returns its size, or 0. */
static size_t
utf8_read(const unsigned char *bytes, size_t left, uint32_t *point_r)
{
	static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };
	size_t size = utf8_size(bytes[0]);
	uint32_t point;

	if (size == 0 || size > left)
		return 0;
	point = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (bytes[i] & 0x3f);
	}
	if (point < least[size] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*point_r = point;
	return size;
}

static bool
utf8_decode(const char *text, size_t len, uint32_t *points, size_t *count_r)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t count = 0, at = 0, size;

	while (at < len) {
		size = utf8_read(bytes + at, len - at, &points[count++]);
		if (size == 0)
			return false;
		at += size;
	}
	*count_r = count;
	return true;
}

/* The mapping may have made ASCII of other characters, so the rule has its
   say here too: nameprep itself allows any. */
static int
check_mapped(const struct rule *rule, const char *text, size_t len,
	     struct error *err)
{
	if (check_len(rule, len, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x80 && rule->map[c] == '\0')
			return refuse(rule, BAD_CHARACTER, err);
	}
	return 0;
}

static int
store(const struct rule *rule, const uint32_t *points, size_t count,
      struct prep *prep_r, struct error *err)
{
	size_t len = 0;
	char *text = stringprep_ucs4_to_utf8(points, (ssize_t)count, NULL,
					     &len);
	int ret;

	ensure(text != NULL);
	ret = check_mapped(rule, text, len, err);
	if (ret == 0) {
		memcpy(prep_r->text, text, len);
		prep_r->text[len] = '\0';
		prep_r->len = len;
	}
	free(text);
	return ret;
}

static int
prep_unicode(const struct rule *rule, const char *text, size_t len,
	     struct prep *prep_r, struct error *err)
{
	/* One more, for the profiles need room behind the last. */
	uint32_t points[PREP_WHOLE_MAX + 1];
	size_t count;
	int code;

	if (len > PREP_WHOLE_MAX)
		return check_len(rule, len, err);
	if (!utf8_decode(text, len, points, &count))
		return refuse(rule, "not UTF-8", err);
	code = stringprep_4i(points, &count, PREP_WHOLE_MAX + 1, 0,
			     rule->profile);
	ensure(code != STRINGPREP_MALLOC_ERROR);
	if (code != STRINGPREP_OK)
		return refuse(rule, stringprep_strerror(code), err);
	return store(rule, points, count, prep_r, err);
}

static int
prep_part(const struct rule *rule, const char *text, size_t len,
	  struct prep *prep_r, struct error *err)
{
	if (map_ascii(rule, text, len, prep_r))
		return 0;
	if (is_ascii(text, len))
		return refuse_ascii(rule, len, err);
	return prep_unicode(rule, text, len, prep_r, err);
}

int
prep_local(const char *text, size_t len, struct prep *prep_r,
	   struct error *err)
{
	return prep_part(&local_rule, text, len, prep_r, err);
}

int
prep_resource(const char *text, size_t len, struct prep *prep_r,
	      struct error *err)
{
	return prep_part(&resource_rule, text, len, prep_r, err);
}

static int
prep_ipv6(const char *text, size_t len, struct prep *prep_r,
	  struct error *err)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr parsed;

	/* The brackets go and the NUL comes. */
	if (len < 2 || len - 1 > sizeof(address) || text[len - 1] != ']')
		return refuse(&domain_rule, "not an IPv6 address", err);
	memcpy(address, text + 1, len - 2);
	address[len - 2] = '\0';
	if (strlen(address) != len - 2 ||
	    inet_pton(AF_INET6, address, &parsed) != 1)
		return refuse(&domain_rule, "not an IPv6 address", err);
	for (size_t i = 0; i < len; i++)
		prep_r->text[i] = (char)tolower((unsigned char)text[i]);
	prep_r->text[len] = '\0';
	prep_r->len = len;
	return 0;
}

/* Nameprep leaves the label as it is: what routers do to domains would not
   make another name of it.  After mapping too this need not be so, when a wide
   dot has cut a Hebrew label behind its digits. */
static bool
is_stable(const char *label)
{
	struct prep prep;
	struct error err;

	return prep_part(&domain_rule, label, strlen(label), &prep, &err) ==
	       0 && strcmp(prep.text, label) == 0;
}

/* The A-label of a name by IDNA2008, without the mapping that was done
   before; NULL when the name is not one. */
static char *
to_a_label(const char *label)
{
	uint8_t *result = NULL;
	int code = idn2_lookup_u8((const uint8_t *)label, &result,
				  IDN2_NO_TR46);

	ensure(code != IDN2_MALLOC);
	return code == IDN2_OK ? (char *)result : NULL;
}

/* Turns an A-label into its U-label, which the caller frees by idn2_free();
   NULL when it stands for none. */
static char *
to_u_label(const char *label)
{
	char *u_label = NULL, *back;
	int code = idn2_to_unicode_8z8z(label, &u_label, 0);
	bool same;

	ensure(code != IDN2_MALLOC);
	if (code != IDN2_OK)
		return NULL;
	back = to_a_label(u_label);
	same = back != NULL && strcmp(back, label) == 0;
	idn2_free(back);
	if (same)
		return u_label;
	idn2_free(u_label);
	return NULL;
}

/* Adds a label, and the dot before it. */
static int
add(struct prep *prep, const char *label, struct error *err)
{
	size_t len = strlen(label), dot = prep->len > 0;

	if (prep->len + dot + len > PREP_MAX)
		return check_len(&domain_rule, PREP_MAX + 1, err);
	if (dot)
		prep->text[prep->len++] = '.';
	memcpy(prep->text + prep->len, label, len + 1);
	prep->len += len;
	return 0;
}

/* Nameprep one by one, for Hebrew may stand beside Latin in a domain, though
   not in a label. */
static int
map_labels(const char *text, size_t len, struct prep *prep_r,
	   struct error *err)
{
	const char *end = text + len, *dot;
	struct prep label;

	prep_r->len = 0;
	for (;;) {
		dot = memchr(text, '.', (size_t)(end - text));
		len = (size_t)((dot == NULL ? end : dot) - text);
		if (prep_part(&domain_rule, text, len, &label, err) < 0 ||
		    add(prep_r, label.text, err) < 0)
			return -1;
		if (dot == NULL)
			return 0;
		text = dot + 1;
	}
}

/* COMPAT: RFC 7622 section 3.2.1 wants U-labels, but Prosody and ejabberd know
   a host only as it was configured, and would not find it by the other. */
static int
add_a_label(struct prep *prep, const char *label, struct error *err)
{
	char *u_label = NULL;
	int ret;

	if (strlen(label) <= LABEL_MAX)
		u_label = to_u_label(label);
	if (u_label == NULL)
		return refuse(&domain_rule, "not an A-label", err);
	ret = add(prep, label, err);
	idn2_free(u_label);
	return ret;
}

static int
add_label(struct prep *prep, const char *label, struct error *err)
{
	char *a_label;
	bool valid;

	if (*label == '\0')
		return refuse(&domain_rule, "an empty label", err);
	if (strncmp(label, "xn--", 4) == 0)
		return add_a_label(prep, label, err);
	if (!is_ascii(label, strlen(label))) {
		a_label = to_a_label(label);
		valid = a_label != NULL && is_stable(label);
		idn2_free(a_label);
		if (!valid)
			return refuse(&domain_rule, "not a U-label", err);
	}
	return add(prep, label, err);
}

/* Splits anew, for there are wide dots that mapping made into dots. */
static int
check_labels(struct prep *prep, struct error *err)
{
	struct prep mapped = *prep;
	char *label = mapped.text, *dot;

	prep->len = 0;
	while ((dot = strchr(label, '.')) != NULL) {
		*dot = '\0';
		if (add_label(prep, label, err) < 0)
			return -1;
		label = dot + 1;
	}
	return add_label(prep, label, err);
}

/* ASCII without empty labels and A-labels, which is ready; these begin with
   "xn--". */
static bool
is_plain(const struct prep *prep)
{
	unsigned char last = '.';

	for (size_t i = 0; i < prep->len; i++) {
		unsigned char c = (unsigned char)prep->text[i];

		if (c >= 0x80 || (c == last && (c == '.' || c == '-')))
			return false;
		last = c;
	}
	return last != '.';
}

static int
map_domain(const char *text, size_t len, struct prep *prep_r,
	   struct error *err)
{
	if (map_ascii(&domain_rule, text, len, prep_r))
		return 0;
	if (is_ascii(text, len))
		return refuse_ascii(&domain_rule, len, err);
	return map_labels(text, len, prep_r, err);
}

int
prep_domain(const char *text, size_t len, struct prep *prep_r,
	    struct error *err)
{
	if (len > 0 && text[0] == '[')
		return prep_ipv6(text, len, prep_r, err);
	/* RFC 7622 section 3.2: the dot of the root goes. */
	if (len > 0 && text[len - 1] == '.')
		len--;
	if (map_domain(text, len, prep_r, err) < 0)
		return -1;
	return is_plain(prep_r) ? 0 : check_labels(prep_r, err);
}
