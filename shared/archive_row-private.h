/*
 * archive_row-private.h - between what makes rows of messages and what makes
 * them of texts.
 */
#ifndef SHARED_ARCHIVE_ROW_PRIVATE_H
#define SHARED_ARCHIVE_ROW_PRIVATE_H

#include "shared/archive_row.h"

/* Where the texts of a row are; those that each row has are the first. */
#define ARCHIVE_ROW_TEXTS 12
#define ARCHIVE_ROW_WANTED 5

void archive_row_texts(struct archive_row *row,
		       const char **texts_r[ARCHIVE_ROW_TEXTS]);

/* All texts together. */
size_t archive_row_bytes(const struct archive_row *row);

/* Returns 0, or -1 as archive_row_of() does. */
int archive_row_check(const struct archive_row *row, struct error *err);

#endif
