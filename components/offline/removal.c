#include "components/offline/removal.h"

#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/hook.h"
#include "shared/hook_request.h"

/* In its own arena. */
struct removal {
	struct arena *arena;
	struct mailbox *mailbox;	/* held */
	size_t count;
	const char *ids[];
};

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct removal *removal = ctx;
	struct mailbox *mailbox = removal->mailbox;
	struct runtime *runtime = mailbox->offline->runtime;
	const struct hook_host *host =
		hook_find(runtime->hook, mailbox_host(mailbox));
	struct arena *arena = removal->arena;

	mailbox_take_removed(mailbox->offline, mailbox->jid, result, err);
	/* While they are still here, the shim has to remember that they were
	   handed over. */
	if (err == NULL && host != NULL)
		hook_forget(runtime, host, mailbox->jid, removal->ids,
			    removal->count);
	mailbox_release(mailbox);
	offline_end(mailbox->offline);
	arena_free(&arena);
}

void
removal_start(struct mailbox *mailbox, const struct hook_item *items,
	      const int64_t *serials, size_t count)
{
	struct arena *arena = arena_new();
	struct removal *removal =
		arena_alloc(arena, sizeof(*removal) +
				   count * sizeof(*removal->ids));

	removal->arena = arena;
	removal->mailbox = mailbox;
	removal->count = count;
	for (size_t i = 0; i < count; i++)
		removal->ids[i] = arena_strdup(arena, items[i].id);
	mailbox_hold(mailbox);
	offline_begin(mailbox->offline);
	offline_count(mailbox->offline, OFFLINE_DELIVERED, count);
	shelf_remove(mailbox->offline->shelf, mailbox->jid, serials[0],
		     serials[count - 1], on_removed, removal);
}
