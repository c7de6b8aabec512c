#include "shared/journal_puts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/clock.h"
#include "shared/error.h"
#include "shared/journal_level.h"
#include "shared/store.h"
#include "shared/str.h"

/* Statements of 1, 2, 4... rows, whose parameters are the time and then two
   for each row. */
#define STATEMENTS 7
#define VALUES (1 + 2 * JOURNAL_PUTS_ROWS)

/* One that has gathered. */
struct put {
	struct put *prev, *next;
	journal_fn *fn;
	void *ctx;
	int64_t stamp;
	size_t bytes;
	char text[];
};

struct journal_puts {
	struct store *store;
	struct journal_level *level;
	void (*in)(void *ctx);
	void *in_ctx;
	bool open;
	struct put *gathered;		/* the oldest first */
	size_t count;			/* of those */
	size_t bytes;			/* of all that are not told */
	size_t under_way;		/* statements */
	struct str sql[STATEMENTS];
};

/* Some that were given to the store, as one statement. */
struct load {
	struct journal_puts *puts;
	size_t count, bytes;
	struct {
		journal_fn *fn;
		void *ctx;
	} waiting[];
};

static void
write_sql(struct str *sql, size_t rows)
{
	str_addz(sql, "INSERT INTO journal_entry (stamp, bytes, text) VALUES");
	for (size_t i = 0; i < rows; i++)
		str_addf(sql, "%s ($1, $%zu, $%zu)", i > 0 ? "," : "",
			 2 * i + 2, 2 * i + 3);
}

struct journal_puts *
journal_puts_new(struct store *store, struct journal_level *level,
		 void (*in)(void *ctx), void *ctx)
{
	struct journal_puts *puts = calloc(1, sizeof(*puts));

	ensure(puts != NULL);
	puts->store = store;
	puts->level = level;
	puts->in = in;
	puts->in_ctx = ctx;
	for (size_t i = 0; i < STATEMENTS; i++)
		write_sql(&puts->sql[i], (size_t)1 << i);
	return puts;
}

void
journal_puts_free(struct journal_puts **puts)
{
	ensure((*puts)->under_way == 0 && (*puts)->count == 0);
	for (size_t i = 0; i < STATEMENTS; i++)
		str_fini(&(*puts)->sql[i]);
	free(*puts);
	*puts = NULL;
}

size_t
journal_puts_bytes(const struct journal_puts *puts)
{
	return puts->bytes;
}

static void send_some(struct journal_puts *puts);

/* Not kept after all. */
static void
fail(struct load *load)
{
	journal_level_remove(load->puts->level, load->count, load->bytes);
	for (size_t i = 0; i < load->count; i++)
		journal_level_fail(load->puts->level);
}

static void
tell(struct load *load, const struct error *err)
{
	load->puts->bytes -= load->bytes;
	if (err != NULL)
		fail(load);
	for (size_t i = 0; i < load->count; i++)
		load->waiting[i].fn(load->waiting[i].ctx, err);
	free(load);
}

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	struct load *load = ctx;
	struct journal_puts *puts = load->puts;

	(void)result;
	puts->under_way--;
	tell(load, err);
	send_some(puts);
	if (err == NULL)
		puts->in(puts->in_ctx);
}

/* The first count of them leave the list; what the store is to get goes to
   values, and points to them. */
static struct load *
take(struct journal_puts *puts, size_t count, struct store_value *values,
     struct put **taken)
{
	struct load *load = malloc(sizeof(*load) +
				   count * sizeof(*load->waiting));

	ensure(load != NULL);
	load->puts = puts;
	load->count = count;
	load->bytes = 0;
	*values++ = store_int(puts->gathered->stamp);
	for (size_t i = 0; i < count; i++) {
		struct put *put = puts->gathered;

		DL_DELETE(puts->gathered, put);
		DL_APPEND(*taken, put);
		load->bytes += put->bytes;
		load->waiting[i].fn = put->fn;
		load->waiting[i].ctx = put->ctx;
		*values++ = store_int((int64_t)put->bytes);
		*values++ = store_text(put->text);
	}
	puts->count -= count;
	return load;
}

static void
free_all(struct put *list)
{
	struct put *put, *next;

	DL_FOREACH_SAFE(list, put, next)
		free(put);
}

static void
send_rows(struct journal_puts *puts, unsigned step)
{
	size_t count = (size_t)1 << step;
	struct store_value values[VALUES];
	struct put *taken = NULL;
	struct load *load = take(puts, count, values, &taken);

	puts->under_way++;
	store_write(puts->store, puts->sql[step].data, values, 1 + 2 * count,
		    on_done, load);
	free_all(taken);	/* the store has copies */
}

static void
send_all(struct journal_puts *puts)
{
	for (unsigned step = STATEMENTS; step-- > 0;)
		while (puts->count >= (size_t)1 << step)
			send_rows(puts, step);
}

static void
send_some(struct journal_puts *puts)
{
	if (puts->open && (puts->under_way == 0 ||
			   puts->count >= JOURNAL_PUTS_ROWS))
		send_all(puts);
}

void
journal_puts_open(struct journal_puts *puts)
{
	puts->open = true;
	send_some(puts);
}

void
journal_puts_add(struct journal_puts *puts, const char *text, journal_fn *fn,
		 void *ctx)
{
	size_t bytes = strlen(text);
	struct put *put = malloc(sizeof(*put) + bytes + 1);

	ensure(put != NULL);
	put->fn = fn;
	put->ctx = ctx;
	put->stamp = clock_now();
	put->bytes = bytes;
	memcpy(put->text, text, bytes + 1);
	DL_APPEND(puts->gathered, put);
	puts->count++;
	puts->bytes += bytes;
	journal_level_add(puts->level, 1, bytes);
	send_some(puts);
}

void
journal_puts_flush(struct journal_puts *puts)
{
	if (puts->open)
		send_all(puts);
}

void
journal_puts_fail(struct journal_puts *puts, const struct error *err)
{
	struct store_value values[VALUES];

	while (puts->count > 0) {
		struct put *taken = NULL;

		tell(take(puts, 1, values, &taken), err);
		free_all(taken);
	}
}
