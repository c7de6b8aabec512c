#include "components/muc/bounce.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"

static char *
copy(const char *text)
{
	char *own = text ? strdup(text) : NULL;

	ensure(text == NULL || own != NULL);
	return own;
}

void
bounce_fini(struct bounce *bounce)
{
	free(bounce->room);
	free(bounce->inviter);
	free(bounce->invitee);
	free(bounce->id);
	memset(bounce, 0, sizeof(*bounce));
}

void
bounces_fini(struct bounces *bounces)
{
	for (size_t i = 0; i < BOUNCE_SIZE; i++)
		bounce_fini(&bounces->last[i]);
}

void
bounce_note(struct bounces *bounces, const char *room, const char *inviter,
	    const char *invitee, const char *id)
{
	struct bounce *bounce = &bounces->last[bounces->next];

	bounces->next = (bounces->next + 1) % BOUNCE_SIZE;
	bounce_fini(bounce);
	bounce->room = copy(room);
	bounce->inviter = copy(inviter);
	bounce->invitee = copy(invitee);
	bounce->id = copy(id);
}

struct bounce
bounce_take(struct bounces *bounces, const char *room, const char *invitee)
{
	for (size_t i = 0; i < BOUNCE_SIZE; i++) {
		struct bounce *at = &bounces->last[i], taken = *at;

		if (at->room == NULL || strcmp(at->room, room) != 0 ||
		    strcmp(at->invitee, invitee) != 0)
			continue;
		memset(at, 0, sizeof(*at));
		return taken;
	}
	return (struct bounce){ 0 };
}
