#include "components/archive/rules/concern.h"

#include <string.h>

#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/party.h"
#include "shared/error.h"

int
concern_read(struct arena *arena, const struct concern_settings *own,
	     const struct groups *groups, struct concern *concern,
	     struct error *err)
{
	struct error why = { 0 };

	*concern = (struct concern){
		.in = strcmp(own->direction, "out") != 0,
		.out = strcmp(own->direction, "in") != 0,
		.all = own->who[0] == NULL,
	};
	if (party_new(arena, own->who, groups, &concern->who, &why) < 0)
		return error_set(err, ERROR_BAD_REQUEST, "who: %s", why.text);
	if (exhibit_read_kinds(own->kinds, &concern->kinds, &why) < 0)
		return error_set(err, ERROR_BAD_REQUEST, "kinds: %s",
				 why.text);
	return 0;
}

static bool
is_meant(const struct concern *concern, const char *bare, bool outside)
{
	return concern->all ? !outside :
			      party_has(concern->who, bare, outside);
}

static bool
is_for_them(const void *ctx, const struct exhibit *exhibit,
	    const struct exhibit_addressee *one)
{
	(void)exhibit;
	return is_meant(ctx, one->bare, one->outside);
}

bool
concern_covers(const struct concern *concern, const struct exhibit *exhibit)
{
	return ((concern->out && is_meant(concern, exhibit->sender,
					  exhibit->sender_outside)) ||
		(concern->in && (exhibit->crowded ||
				 exhibit_any(exhibit, is_for_them,
					     concern)))) &&
	       exhibit_is(exhibit, concern->kinds);
}
