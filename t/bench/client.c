#include "t/bench/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "shared/error.h"

#define PASSWORD "balcony"
#define RESOURCE "r"

struct writing {
	uv_write_t req;
	struct client *client;
	char bytes[];
};

static void
fail(struct client *client, const char *why)
{
	client->owner->failed(client, why, client->owner->ctx);
}

static void
on_written(uv_write_t *req, int status)
{
	struct writing *writing = (struct writing *)req;

	if (status < 0 && status != UV_ECANCELED)
		fail(writing->client, uv_strerror(status));
	free(writing);
}

/* What the kernel does not take at once. */
static void
write_later(struct client *client, const char *text, size_t len)
{
	struct writing *writing = malloc(sizeof(*writing) + len);
	uv_buf_t buf;

	ensure(writing != NULL);
	memcpy(writing->bytes, text, len);
	writing->client = client;
	buf = uv_buf_init(writing->bytes, (unsigned)len);
	ensure(uv_write(&writing->req, (uv_stream_t *)&client->tcp, &buf, 1,
			on_written) == 0);
}

void
client_send(struct client *client, const char *text, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)text, (unsigned)len);
	int n = uv_try_write((uv_stream_t *)&client->tcp, &buf, 1);

	if (n < 0 && n != UV_EAGAIN)
		fail(client, uv_strerror(n));
	else if (n < (int)len)
		write_later(client, text + (n > 0 ? n : 0),
			    len - (size_t)(n > 0 ? n : 0));
}

static void
send_str(struct client *client, struct str *text)
{
	client_send(client, text->data, text->len);
	str_fini(text);
}

static void
open_stream(struct client *client)
{
	struct str out = { 0 };

	str_addf(&out,
		 "<?xml version='1.0'?><stream:stream to='%s' version='1.0' "
		 "xmlns='jabber:client' "
		 "xmlns:stream='http://etherx.jabber.org/streams'>",
		 client->domain);
	send_str(client, &out);
}

static void
make_account(struct client *client)
{
	struct str out = { 0 };

	str_addf(&out,
		 "<iq type='set' id='account' to='%s'>"
		 "<query xmlns='jabber:iq:register'><username>%s</username>"
		 "<password>" PASSWORD "</password></query></iq>",
		 client->domain, client->user);
	send_str(client, &out);
}

static void
add_base64(struct str *out, const char *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < len ?
				(unsigned char)bytes[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			str_addc(out, i + j <= len ?
				 digits[bits >> (18 - 6 * j) & 63] : '=');
	}
}

/* RFC 4616. */
static void
prove(struct client *client)
{
	struct str secret = { 0 }, out = { 0 };

	str_addc(&secret, '\0');
	str_addz(&secret, client->user);
	str_addc(&secret, '\0');
	str_addz(&secret, PASSWORD);
	str_addz(&out, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
		       "mechanism='PLAIN'>");
	add_base64(&out, secret.data, secret.len);
	str_addz(&out, "</auth>");
	send_str(client, &out);
	str_fini(&secret);
}

static void
bind_resource(struct client *client)
{
	struct str out = { 0 };

	str_addz(&out, "<iq type='set' id='bind'>"
		       "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
		       "<resource>" RESOURCE "</resource></bind></iq>");
	send_str(client, &out);
}

static void
be_open(struct client *client)
{
	static const char available[] = "<presence/>";

	client_send(client, available, sizeof(available) - 1);
	client->owner->open(client, client->owner->ctx);
}

/* What the router says before a state is over, and what comes then. */
static const struct {
	const char *text;
	enum client_state next;
	void (*go_on)(struct client *client);
} steps[] = {
	[CLIENT_GREETING] = { "</stream:features>", CLIENT_REGISTERING,
			      make_account },
	/* Be it a result, or an error as it is there already. */
	[CLIENT_REGISTERING] = { "id='account'", CLIENT_PROVING, prove },
	[CLIENT_PROVING] = { "<success", CLIENT_RESTARTING, open_stream },
	[CLIENT_RESTARTING] = { "</stream:features>", CLIENT_BINDING,
				bind_resource },
	[CLIENT_BINDING] = { "</bind>", CLIENT_OPEN, be_open },
};

/* The router waits for us after each of these, so that what has come is one
   answer. */
static void
log_in(struct client *client)
{
	enum client_state state = client->state;

	if (strstr(client->in.data, "<failure") != NULL ||
	    strstr(client->in.data, "<stream:error") != NULL)
		fail(client, client->in.data);
	if (client->in.data[client->in.len - 1] != '>' ||
	    strstr(client->in.data, steps[state].text) == NULL)
		return;
	str_clear(&client->in);
	client->state = steps[state].next;
	steps[state].go_on(client);
}

static void
read_stanzas(struct client *client)
{
	const char *text = client->in.data;
	size_t used = 0, len;
	struct element el;

	for (;;) {
		while (used < client->in.len && text[used] != '<')
			used++;
		len = element_end(text + used, client->in.len - used);
		if (len == 0)
			break;
		if (element_read(client->expat, text + used, len, &el) < 0)
			fail(client, text + used);
		client->owner->stanza(client, &el, text + used, len,
				      client->owner->ctx);
		used += len;
	}
	str_shift(&client->in, used);
}

static void
on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf_r)
{
	struct client *client = handle->data;

	(void)size;
	*buf_r = uv_buf_init(client->room, CLIENT_READ_BYTES);
}

/* Without it Prosody, which writes each stanza by itself, waits 40 ms now and
   then for what the kernel would rather acknowledge later. */
static void
acknowledge_quickly(struct client *client)
{
	uv_os_fd_t fd;
	int on = 1;

	if (uv_fileno((uv_handle_t *)&client->tcp, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	if (n < 0) {
		fail(client, uv_strerror((int)n));
		return;
	}
	str_add(&client->in, buf->base, (size_t)n);
	acknowledge_quickly(client);
	if (client->state == CLIENT_OPEN)
		read_stanzas(client);
	else
		log_in(client);
}

static void
on_connect(uv_connect_t *req, int status)
{
	struct client *client = req->data;

	if (status == UV_ECANCELED)
		return;
	if (status < 0) {
		fail(client, uv_strerror(status));
		return;
	}
	uv_tcp_nodelay(&client->tcp, 1);
	acknowledge_quickly(client);
	client->state = CLIENT_GREETING;
	uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
	open_stream(client);
}

void
client_start(struct client *client, uv_loop_t *loop,
	     const struct client_login *login, unsigned number,
	     const struct client_owner *owner)
{
	struct sockaddr_in addr;

	*client = (struct client){ .owner = owner, .expat = login->expat,
				    .room = login->room };
	snprintf(client->user, sizeof(client->user), "u%07u", number);
	snprintf(client->domain, sizeof(client->domain), "%s", login->domain);
	snprintf(client->jid, sizeof(client->jid), "%s@%s/" RESOURCE,
		 client->user, client->domain);
	ensure(uv_ip4_addr("127.0.0.1", (int)login->port, &addr) == 0 &&
	       uv_tcp_init(loop, &client->tcp) == 0);
	client->tcp.data = client;
	client->connect.data = client;
	ensure(uv_tcp_connect(&client->connect, &client->tcp,
			      (struct sockaddr *)&addr, on_connect) == 0);
}

void
client_stop(struct client *client)
{
	str_fini(&client->in);
	uv_close((uv_handle_t *)&client->tcp, NULL);
}
