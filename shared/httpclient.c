#include "shared/httpclient.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/libcurl.h"
#include "shared/str.h"

#define PROTOCOLS "http,https"

struct httpclient_call {
	struct httpclient *client;
	CURL *easy;
	struct curl_slist *headers;
	struct str body;	/* of the answer */
	size_t max_bytes;
	bool on_its_way;	/* else it waits for its turn */
	bool too_large;		/* the answer */
	char why[CURL_ERROR_SIZE];
	uv_timer_t timer;	/* for all it may take */
	httpclient_fn *fn;
	void *ctx;
	struct httpclient_call *prev, *next;
};

struct httpclient {
	uv_loop_t *loop;
	char *ca, *cert, *key;
	unsigned in_flight;
	CURLM *multi;
	struct httpclient_call *waiting, *going;	/* the oldest first */
	unsigned count;		/* of those going */
	uv_timer_t timer;	/* libcurl's own */
	uv_idle_t soon;		/* the same, when it is due at once: libuv
				   before 1.48 would run a timer of nought
				   again and again */
	unsigned handles;	/* not yet closed */
};

/* A socket that libcurl waits for. */
struct watch {
	uv_poll_t poll;
	struct httpclient *client;
	curl_socket_t fd;
};

static void
free_call(uv_handle_t *timer)
{
	free(timer->data);
}

/* It was taken from its list. */
static void
close_call(struct httpclient_call *call)
{
	if (call->on_its_way)
		curl_multi_remove_handle(call->client->multi, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	str_fini(&call->body);
	uv_close((uv_handle_t *)&call->timer, free_call);
}

static void
take_out(struct httpclient_call *call)
{
	struct httpclient *client = call->client;

	if (call->on_its_way) {
		DL_DELETE(client->going, call);
		client->count--;
	} else {
		DL_DELETE(client->waiting, call);
	}
}

static void
start_waiting(struct httpclient *client)
{
	struct httpclient_call *call;

	while (client->count < client->in_flight &&
	       (call = client->waiting) != NULL) {
		DL_DELETE(client->waiting, call);
		DL_APPEND(client->going, call);
		client->count++;
		call->on_its_way = true;
		ensure(curl_multi_add_handle(client->multi, call->easy) ==
		       CURLM_OK);
	}
}

static void
fail(struct httpclient_call *call, enum error_cond cond, const char *why)
{
	struct httpclient *client = call->client;
	struct error err = { 0 };

	error_set(&err, cond, "%s", why);
	take_out(call);
	call->fn(call->ctx, NULL, &err);
	close_call(call);
	start_waiting(client);
}

static void
succeed(struct httpclient_call *call)
{
	struct httpclient *client = call->client;
	struct httpclient_answer answer;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	str_addz(&call->body, "");
	answer = (struct httpclient_answer){
		.status = (unsigned)status, .body = call->body.data,
		.len = call->body.len,
	};
	take_out(call);
	call->fn(call->ctx, &answer, NULL);
	close_call(call);
	start_waiting(client);
}

static void
end_call(struct httpclient_call *call, CURLcode code)
{
	if (call->too_large)
		fail(call, ERROR_POLICY_VIOLATION, "the answer is too large");
	else if (code != CURLE_OK)
		fail(call, ERROR_REMOTE_SERVER_NOT_FOUND,
		     *call->why != '\0' ? call->why :
		     curl_easy_strerror(code));
	else
		succeed(call);
}

/* Tells of all that have ended. */
static void
collect(struct httpclient *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)) !=
	       NULL) {
		struct httpclient_call *call;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &call);
		end_call(call, message->data.result);
	}
}

static void
act(struct httpclient *client, curl_socket_t fd, int flags)
{
	int running;

	curl_multi_socket_action(client->multi, fd, flags, &running);
	collect(client);
}

static void
on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_soon(uv_idle_t *soon)
{
	uv_idle_stop(soon);
	act(soon->data, CURL_SOCKET_TIMEOUT, 0);
}

static int
on_wish(CURLM *multi, long timeout_ms, void *ctx)
{
	struct httpclient *client = ctx;

	(void)multi;
	uv_idle_stop(&client->soon);
	uv_timer_stop(&client->timer);
	if (timeout_ms == 0)
		uv_idle_start(&client->soon, on_soon);
	else if (timeout_ms > 0)
		uv_timer_start(&client->timer, on_timer,
			       (uint64_t)timeout_ms, 0);
	return 0;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	const struct watch *watch = poll->data;
	int flags = 0;

	if (status < 0)
		flags |= CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act(watch->client, watch->fd, flags);
}

static void
free_watch(uv_handle_t *poll)
{
	free(poll->data);
}

static struct watch *
watch_new(struct httpclient *client, curl_socket_t fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	ensure(watch != NULL);
	watch->client = client;
	watch->fd = fd;
	watch->poll.data = watch;
	ensure(uv_poll_init_socket(client->loop, &watch->poll, fd) == 0);
	curl_multi_assign(client->multi, fd, watch);
	return watch;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct watch *watch = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL)
			uv_close((uv_handle_t *)&watch->poll, free_watch);
		return 0;
	}
	if (watch == NULL)
		watch = watch_new(ctx, fd);
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	uv_poll_start(&watch->poll, events, on_poll);
	return 0;
}

int
httpclient_check(const struct httpclient_plan *plan, struct error *err)
{
	return libcurl_check_tls(&(struct libcurl_tls){
		plan->ca, plan->cert, plan->key }, err);
}

int
httpclient_check_url(const char *url, struct error *err)
{
	return libcurl_check_url(url, "http", err);
}

bool
httpclient_is_exposed(const char *url)
{
	return strncasecmp(url, "http:", strlen("http:")) == 0 &&
	       !libcurl_is_local(url);
}

struct httpclient *
httpclient_new(uv_loop_t *loop, const struct httpclient_plan *plan)
{
	struct httpclient *client = calloc(1, sizeof(*client));

	ensure(client != NULL);
	ensure(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	client->loop = loop;
	client->ca = str_dup(plan->ca);
	client->cert = str_dup(plan->cert);
	client->key = str_dup(plan->key);
	client->in_flight = plan->in_flight;
	uv_timer_init(loop, &client->timer);
	uv_idle_init(loop, &client->soon);
	client->timer.data = client->soon.data = client;
	client->handles = 2;
	ensure((client->multi = curl_multi_init()) != NULL);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_wish);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS,
			  (long)plan->in_flight);
	return client;
}

static void
on_closed(uv_handle_t *handle)
{
	struct httpclient *client = handle->data;

	if (--client->handles == 0)
		free(client);
}

static void
drop_all(struct httpclient_call **list)
{
	struct httpclient_call *call, *next;

	DL_FOREACH_SAFE(*list, call, next) {
		DL_DELETE(*list, call);
		close_call(call);
	}
}

void
httpclient_free(struct httpclient **client_p)
{
	struct httpclient *client = *client_p;

	if (client == NULL)
		return;
	*client_p = NULL;
	drop_all(&client->waiting);
	drop_all(&client->going);
	/* What it still wishes for is for handles that are closed. */
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, NULL);
	curl_multi_cleanup(client->multi);
	curl_global_cleanup();
	free(client->ca);
	free(client->cert);
	free(client->key);
	uv_close((uv_handle_t *)&client->timer, on_closed);
	uv_close((uv_handle_t *)&client->soon, on_closed);
}

static size_t
on_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
	struct httpclient_call *call = ctx;
	size_t len = size * count;

	if (len > call->max_bytes - call->body.len) {
		call->too_large = true;
		return 0;
	}
	str_add(&call->body, bytes, len);
	return len;
}

static void
set_headers(struct httpclient_call *call, const char *const *headers)
{
	/* A server that knows nothing of it would make us wait. */
	call->headers = curl_slist_append(NULL, "Expect:");
	for (; headers != NULL && *headers != NULL; headers++) {
		ensure(call->headers != NULL);
		call->headers = curl_slist_append(call->headers, *headers);
	}
	ensure(call->headers != NULL);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void
set_request(struct httpclient_call *call,
	    const struct httpclient_request *request)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, PROTOCOLS);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->why);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	/* Or the loop would wait for a name that is still looked up when its
	   call ends. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	set_headers(call, request->headers);
	libcurl_set_tls(easy, &(struct libcurl_tls){
		call->client->ca, call->client->cert, call->client->key });
}

static void
set_body(CURL *easy, const struct httpclient_request *request)
{
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)request->len);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
}

static void
on_late(uv_timer_t *timer)
{
	fail(timer->data, ERROR_REMOTE_SERVER_TIMEOUT, "no answer in time");
}

static struct httpclient_call *
call_new(struct httpclient *client, const struct httpclient_request *request,
	 httpclient_fn *fn, void *ctx)
{
	struct httpclient_call *call = calloc(1, sizeof(*call));

	ensure(call != NULL);
	ensure((call->easy = curl_easy_init()) != NULL);
	call->client = client;
	call->max_bytes = request->max_bytes;
	call->fn = fn;
	call->ctx = ctx;
	set_request(call, request);
	uv_timer_init(client->loop, &call->timer);
	call->timer.data = call;
	uv_timer_start(&call->timer, on_late, request->timeout_ms, 0);
	return call;
}

static void
begin(struct httpclient_call *call)
{
	DL_APPEND(call->client->waiting, call);
	start_waiting(call->client);
}

struct httpclient_call *
httpclient_post(struct httpclient *client,
		const struct httpclient_request *request, httpclient_fn *fn,
		void *ctx)
{
	struct httpclient_call *call = call_new(client, request, fn, ctx);

	set_body(call->easy, request);
	begin(call);
	return call;
}

struct httpclient_call *
httpclient_get(struct httpclient *client,
	       const struct httpclient_request *request, httpclient_fn *fn,
	       void *ctx)
{
	struct httpclient_call *call = call_new(client, request, fn, ctx);

	begin(call);
	return call;
}

void
httpclient_cancel(struct httpclient_call **call_p)
{
	struct httpclient_call *call = *call_p;
	struct httpclient *client;

	if (call == NULL)
		return;
	*call_p = NULL;
	client = call->client;
	take_out(call);
	close_call(call);
	start_waiting(client);
}
