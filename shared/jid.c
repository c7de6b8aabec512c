#include "shared/jid.h"

#include <assert.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid-private.h"
#include "shared/prep.h"

static_assert(JID_PART_MAX == PREP_MAX, "one limit for one thing");

/* A prepared part; len is 0 when it is absent. */
struct piece {
	const char *text;
	size_t len;
};

static struct piece
piece_of(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static char *
put(char *at, struct piece piece, char end)
{
	at = mempcpy(at, piece.text, piece.len);
	*at++ = end;
	return at;
}

static size_t
joined_len(struct piece left, struct piece right)
{
	return left.len > 0 && right.len > 0 ? left.len + 1 + right.len :
	       left.len + right.len;
}

/* One allocation holds it all: the struct, the bare form that ends in the
   domain, the full form that ends in the resource, the local part.  Absent
   parts take no room. */
static const struct jid *
build(struct arena *arena, struct piece local, struct piece domain,
      struct piece resource)
{
	struct piece bare = { NULL, joined_len(local, domain) };
	struct jid *jid = arena_alloc(arena, sizeof(*jid) + bare.len + 1 +
				      joined_len(bare, resource) + 1 +
				      local.len + 1);
	char *at = (char *)(jid + 1);

	bare.text = at;
	if (local.len > 0)
		at = put(at, local, '@');
	jid->domain = at;
	at = put(at, domain, '\0');
	jid->bare = jid->full = bare.text;
	jid->local = jid->resource = "";
	if (resource.len > 0) {
		jid->full = at;
		at = put(at, bare, '/');
		jid->resource = at;
		at = put(at, resource, '\0');
	}
	if (local.len > 0) {
		jid->local = at;
		put(at, local, '\0');
	}
	return jid;
}

const struct jid *
jid_build(struct arena *arena, const struct prep *local,
	  const struct prep *domain, const struct prep *resource)
{
	return build(arena, (struct piece){ local->text, local->len },
		     (struct piece){ domain->text, domain->len },
		     (struct piece){ resource->text, resource->len });
}

/* The order of RFC 7622 section 3.2: whatever follows the first '/' is the
   resource, and only before it does a '@' end the local part. */
int
jid_parse(struct arena *arena, const char *text, size_t len,
	  const struct jid **jid_r, struct error *err)
{
	struct prep local, domain, resource;
	const char *slash, *at;

	local.len = resource.len = 0;
	if (len > PREP_WHOLE_MAX)
		return error_set(err, ERROR_JID_MALFORMED,
				 "the address is longer than %d bytes",
				 PREP_WHOLE_MAX);
	slash = memchr(text, '/', len);
	if (slash != NULL) {
		if (prep_resource(slash + 1, len - (size_t)(slash + 1 - text),
				  &resource, err) < 0)
			return -1;
		len = (size_t)(slash - text);
	}
	at = memchr(text, '@', len);
	if (at != NULL) {
		if (prep_local(text, (size_t)(at - text), &local, err) < 0)
			return -1;
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (prep_domain(text, len, &domain, err) < 0)
		return -1;
	*jid_r = jid_build(arena, &local, &domain, &resource);
	return 0;
}

int
jid_parsez(struct arena *arena, const char *text, const struct jid **jid_r,
	   struct error *err)
{
	return jid_parse(arena, text, strlen(text), jid_r, err);
}

int
jid_with_resource(struct arena *arena, const struct jid *jid,
		  const char *resource, const struct jid **jid_r,
		  struct error *err)
{
	struct prep prep;

	if (resource == NULL || *resource == '\0') {
		*jid_r = jid_bare(arena, jid);
		return 0;
	}
	if (prep_resource(resource, strlen(resource), &prep, err) < 0)
		return -1;
	*jid_r = build(arena, piece_of(jid->local), piece_of(jid->domain),
		       (struct piece){ prep.text, prep.len });
	return 0;
}

const struct jid *
jid_bare(struct arena *arena, const struct jid *jid)
{
	return build(arena, piece_of(jid->local), piece_of(jid->domain),
		     (struct piece){ NULL, 0 });
}

const char *
jid_join(struct arena *arena, const char *bare, const char *resource)
{
	return resource == NULL || *resource == '\0' ?
	       arena_strdup(arena, bare) :
	       arena_printf(arena, "%s/%s", bare, resource);
}

bool
jid_equal(const struct jid *a, const struct jid *b)
{
	return strcmp(a->full, b->full) == 0;
}

bool
jid_equal_bare(const struct jid *a, const struct jid *b)
{
	return strcmp(a->bare, b->bare) == 0;
}
