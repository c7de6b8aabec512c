#include "components/offline/pile.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"

struct pile {
	struct store *store;
	const struct pile_kind *kind;
	struct pile *other;		/* to be sent first, or NULL */
	size_t under_way;		/* statements */
	size_t count;
	struct pile_row rows[PILE_ROWS];
};

/* Some that were given to the store, as one statement. */
struct load {
	struct pile *pile;
	size_t count;
	struct pile_row rows[];
};

static void send_each(struct pile *pile, const struct pile_row *rows,
		      size_t count);

static void
tell(const struct load *load, const struct store_result *result,
     const struct error *err)
{
	for (size_t i = 0; i < load->count; i++)
		if (load->rows[i].fn != NULL)
			load->rows[i].fn(load->rows[i].ctx, result, err);
}

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	struct load *load = ctx;
	struct pile *pile = load->pile;

	/* One that is refused harms no other. */
	if (load->count > 1 && err != NULL &&
	    err->cond == ERROR_INTERNAL_SERVER_ERROR)
		send_each(pile, load->rows, load->count);
	else
		tell(load, result, err);
	free(load);
	if (--pile->under_way == 0)
		pile_send(pile);
}

static void
send_rows(struct pile *pile, const struct pile_row *rows, size_t count)
{
	const struct pile_kind *kind = pile->kind;
	const char *sql = count == 1 ? kind->one : kind->many;
	struct store_value values[PILE_ROWS * PILE_COLUMNS];
	struct load *load = malloc(sizeof(*load) + count * sizeof(*rows));

	ensure(load != NULL);
	load->pile = pile;
	load->count = count;
	memcpy(load->rows, rows, count * sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		memcpy(values + i * kind->columns, rows[i].values,
		       kind->columns * sizeof(*values));
	pile->under_way++;
	if (kind->writes)
		store_write(pile->store, sql, values, count * kind->columns,
			    on_done, load);
	else
		store_read(pile->store, sql, values, count * kind->columns,
			   on_done, load);
}

static void
send_each(struct pile *pile, const struct pile_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		send_rows(pile, &rows[i], 1);
}

struct pile *
pile_new(struct store *store, const struct pile_kind *kind,
	 struct pile *other)
{
	struct pile *pile = calloc(1, sizeof(*pile));

	ensure(pile != NULL && kind->columns <= PILE_COLUMNS);
	pile->store = store;
	pile->kind = kind;
	pile->other = other;
	return pile;
}

void
pile_free(struct pile **pile)
{
	ensure((*pile)->under_way == 0 && (*pile)->count == 0);
	free(*pile);
	*pile = NULL;
}

void
pile_add(struct pile *pile, const struct pile_row *row)
{
	pile->rows[pile->count++] = *row;
	if (pile->under_way == 0 || pile->count == PILE_ROWS)
		pile_send(pile);
}

static bool
begin_same(const struct pile_row *a, const struct pile_row *b, size_t n)
{
	while (n > 0 && strcmp(a->values[n - 1].text,
			       b->values[n - 1].text) == 0)
		n--;
	return n == 0;
}

bool
pile_has(const struct pile *pile, const struct pile_row *row, size_t n)
{
	for (size_t i = 0; i < pile->count; i++)
		if (begin_same(&pile->rows[i], row, n))
			return true;
	return false;
}

void
pile_send(struct pile *pile)
{
	size_t count = pile->count;

	if (count > 0 && pile->other != NULL)
		pile_send(pile->other);
	pile->count = 0;
	if (count == PILE_ROWS)
		send_rows(pile, pile->rows, count);
	else
		send_each(pile, pile->rows, count);
}
