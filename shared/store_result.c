#include "shared/store-private.h"

#include <stdlib.h>

#include "shared/error.h"

void
store_result_free(struct store_result **result)
{
	if (*result == NULL)
		return;
	if ((*result)->release != NULL)
		(*result)->release((*result)->owner);
	free((*result)->cells);
	free(*result);
	*result = NULL;
}

static const char *
cell(const struct store_result *result, size_t row, size_t column)
{
	ensure(row < result->rows && column < result->columns);
	return result->cells[row * result->columns + column];
}

size_t
store_rows(const struct store_result *result)
{
	return result->rows;
}

bool
store_is_repeated(const struct store_result *result)
{
	return result->repeated;
}

const char *
store_get_text(const struct store_result *result, size_t row, size_t column)
{
	return cell(result, row, column);
}

int64_t
store_get_int(const struct store_result *result, size_t row, size_t column)
{
	const char *text = cell(result, row, column);

	return text == NULL ? 0 : strtoll(text, NULL, 10);
}
