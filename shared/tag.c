#include "shared/tag.h"

#include <string.h>

#include "shared/str.h"

size_t
tag_long(const char *at, size_t len)
{
	const char *end = at + len, *close, *open;
	size_t longest = 0;

	while ((size_t)(end - at) > TAG_BYTES) {
		close = memrchr(at, '>', TAG_BYTES);
		if (close == NULL) {
			close = memchr(at, '>', (size_t)(end - at));
			open = memrchr(at, '<', (size_t)(close - at));
			if (open != NULL && (size_t)(close - open) > longest)
				longest = (size_t)(close - open);
		}
		at = close + 1;
	}
	return longest > TAG_BYTES ? longest : 0;
}

void
tag_push(struct str *out, size_t tag_len)
{
	if (tag_len > 0) {
		memset(str_reserve(out, tag_len), ' ', tag_len);
		out->len += tag_len;
	}
}
