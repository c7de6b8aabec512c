#include "shared/output.h"

#include <string.h>

#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/outbox.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/stream.h"
#include "shared/tag.h"
#include "shared/uplink.h"
#include "shared/xml.h"

/* Between two lines of the log about stanzas that were too large. */
#define TELL_MS 60000

/* An address that is not yet known, as attribute. */
#define TO_BYTES (3 * JID_PART_MAX + 2 + sizeof(" to=''") - 1)

void
output_init(struct output *output, struct metrics *metrics)
{
	output->stanzas = metric_counter(
		metrics, "annex_router_stanzas_total", "direction=\"out\"",
		"Stanzas over the link.");
	output->dropped = metric_counter(
		metrics, "annex_router_dropped_total", "",
		"Stanzas above a limit, or without a link to go by.");
}

static void
run_before(struct output *output)
{
	void (*fn)(void *ctx) = output->before;

	if (fn == NULL)
		return;
	output->before = NULL;
	fn(output->before_ctx);
}

void
output_end(struct output *output)
{
	run_before(output);
	outbox_flush(output->outbox);
	output->uplink = NULL;
}

void
output_before(struct output *output, void (*fn)(void *ctx), void *ctx)
{
	output->before = fn;
	output->before_ctx = ctx;
}

struct stream *
output_stream(const struct output *output)
{
	return output->uplink == NULL ? NULL : uplink_stream(output->uplink);
}

/* Without one a stanza is dropped. */
static struct stream *
find_stream(struct output *output)
{
	struct stream *stream;

	run_before(output);
	stream = output_stream(output);
	if (stream == NULL)
		metric_add(output->dropped, 1);
	return stream;
}

/* Where stanzas are appended. */
static struct str *
place(struct output *output, struct stream *stream)
{
	struct str *waiting = outbox_waiting(output->outbox);

	return waiting != NULL ? waiting : stream_out(stream);
}

/* Every stanza comes by here. */
static int
check_size(struct output *output, size_t len, const char *to,
	   struct error *err)
{
	uint64_t now = uv_now(output->loop);

	if (len <= output->stanza_bytes)
		return 0;
	metric_add(output->dropped, 1);
	error_set(err, ERROR_POLICY_VIOLATION,
		  "a stanza of %zu bytes; the router takes %zu", len,
		  output->stanza_bytes);
	/* A room may send the same to all who are in it. */
	if (now >= output->tell_ms) {
		log_warning("router: not sent to %s: %s", to, err->text);
		output->tell_ms = now + TELL_MS;
	}
	return -1;
}

/* One stanza was written to its place, out, with a longest tag of that
   length. */
static void
finish(struct output *output, struct stream *stream, struct str *out,
       size_t tag_len)
{
	if (tag_len > 0)
		tag_push(out, tag_len);
	metric_add(output->stanzas, 1);
	if (outbox_waiting(output->outbox) != NULL)
		output->waits(output->ctx);
	else
		stream_wrote(stream);
}

int
output_send(struct output *output, const struct xml *el, struct error *err)
{
	struct stream *stream = find_stream(output);
	const char *to = xml_attr(el, "to");
	struct str *out;
	size_t before;

	if (stream == NULL)
		return 0;
	out = place(output, stream);
	before = out->len;
	/* Both namespaces are the stream's own. */
	xml_print(out, el, el->ns);
	if (check_size(output, out->len - before, to ? to : "nobody",
		       err) < 0) {
		out->len = before;
		out->data[before] = '\0';
		return -1;
	}
	finish(output, stream, out,
	       tag_long(out->data + before, out->len - before));
	return 0;
}

bool
output_fits(const struct output *output,
	    const struct router_template *template)
{
	return template->head_len + template->tail_len + TO_BYTES <=
	       output->stanza_bytes;
}

/* Once, however many get it. */
static void
measure(struct router_template *template)
{
	const char *close = memchr(template->tail, '>', template->tail_len);

	ensure(close != NULL);
	template->first_tag = template->head_len +
			      (size_t)(close - template->tail);
	template->long_tag = tag_long(close, template->tail_len -
				      (size_t)(close - template->tail));
	template->measured = true;
}

/* What tag_long() would say of the stanza. */
static size_t
long_tag_to(const struct router_template *template, size_t to_len)
{
	size_t first = template->first_tag + sizeof(" to=''") - 1 + to_len;

	return first > TAG_BYTES && first > template->long_tag ?
	       first : template->long_tag;
}

/* With its to attribute. */
static size_t
bytes_to(const struct router_template *template, size_t to_len)
{
	return template->head_len + sizeof(" to=''") - 1 + to_len +
	       template->tail_len;
}

/* Rooms send to everybody: it and the next are part of who calls them. */
static inline bool
may_send_to(struct output *output, struct router_template *template,
	    const char *to, size_t to_len)
{
	struct error err;

	if (check_size(output, bytes_to(template, to_len), to, &err) < 0)
		return false;
	if (!template->measured)
		measure(template);
	return true;
}

static inline void
print_to(struct str *out, const struct router_template *template,
	 const char *to, size_t to_len)
{
	char *at = str_extend(out, bytes_to(template, to_len));

	at = mempcpy(at, template->head, template->head_len);
	at = mempcpy(at, " to='", 5);
	at = mempcpy(at, to, to_len);
	*at++ = '\'';
	memcpy(at, template->tail, template->tail_len);
}

void
output_send_to(struct output *output, struct router_template *template,
	       const char *to, size_t to_len)
{
	struct stream *stream = find_stream(output);
	struct str *out;

	if (stream == NULL || !may_send_to(output, template, to, to_len))
		return;
	out = place(output, stream);
	print_to(out, template, to, to_len);
	finish(output, stream, out, long_tag_to(template, to_len));
}

void
output_send_ahead(struct output *output, struct router_template *template,
		  const char *to, size_t to_len)
{
	struct stream *stream = output_stream(output);

	if (stream == NULL || !may_send_to(output, template, to, to_len))
		return;
	print_to(stream_out(stream), template, to, to_len);
	tag_push(stream_out(stream), long_tag_to(template, to_len));
	metric_add(output->stanzas, 1);
	stream_wrote(stream);
}

bool
output_send_iq(struct output *output, const char *text, size_t len,
	       const struct query_wait *wait)
{
	struct stream *stream = find_stream(output);

	if (stream == NULL)
		return false;
	outbox_send(output->outbox, text, len, wait);
	finish(output, stream, NULL, 0);
	return true;
}
