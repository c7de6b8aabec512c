#include "shared/store_sqlitefold.h"

#include <sqlite3.h>

#include "shared/fold.h"
#include "shared/str.h"

static void
lower(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	struct str folded = { 0 };

	(void)count;
	if (text == NULL)
		return;
	fold_add(&folded, text, (size_t)sqlite3_value_bytes(values[0]));
	sqlite3_result_text(context, folded.data != NULL ? folded.data : "",
			    (int)folded.len, SQLITE_TRANSIENT);
	str_fini(&folded);
}

int
store_sqlitefold_add(struct sqlite3 *db)
{
	return sqlite3_create_function(db, "lower", 1,
				       SQLITE_UTF8 | SQLITE_DETERMINISTIC,
				       NULL, lower, NULL, NULL);
}
