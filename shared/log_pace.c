#include "shared/log_pace.h"

bool
log_pace_says(struct log_pace *pace, uint64_t now_ms, uint64_t *unsaid_r)
{
	if (now_ms < pace->due_ms) {
		pace->unsaid++;
		return false;
	}
	*unsaid_r = pace->unsaid;
	*pace = (struct log_pace){ .due_ms = now_ms + LOG_PACE_MS };
	return true;
}
