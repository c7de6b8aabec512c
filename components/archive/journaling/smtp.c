#include "components/archive/journaling/smtp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/libcurl.h"
#include "shared/str.h"

/* Of what a server answers, for people. */
#define REPLY_SIZE 200
#define REASON_SIZE 300
#define PROTOCOLS "smtp,smtps"

/* RFC 1870: the mail is larger than the server takes, which it says before it
   is given it. */
#define CODE_TOO_LARGE 552
#define CODE_REFUSED 500
#define CODE_REFUSED_END 600

/* Of one connection, which may be tried on two addresses at once. */
#define SOCKETS 4
/* libcurl's own limit is behind ours. */
#define BEHIND_MS 5000

struct delivery {
	struct str mail;
	size_t given;		/* of it, to libcurl */
	bool begun;		/* the server was given it */
	char reply[REPLY_SIZE];	/* the last line by which it refused
				   something */
	enum smtp_outcome outcome;
	char why[REASON_SIZE];
	smtp_fn *fn;
	void *ctx;
	struct delivery *prev, *next;
};

/* Has one connection, and a thread, as libcurl blocks where it waits for what
   is said of a mail, and where it takes its leave. */
struct worker {
	struct smtp *smtp;
	uv_thread_t thread;
	int sockets[SOCKETS];	/* that are open; -1: none */
	struct delivery *delivery;	/* under way */
	uint64_t until_ns;	/* when that is to be done */
	bool late;
};

struct smtp {
	struct arena *arena;	/* of the plan */
	struct smtp_plan plan;
	struct curl_slist *recipients;
	struct worker *workers;
	uv_async_t async;	/* to the loop: something is done */
	uv_mutex_t lock;	/* of all that follows, and of sockets */
	uv_cond_t work;		/* there is some, or an end */
	struct delivery *waiting, *done;	/* the oldest first */
	unsigned running;	/* workers */
	bool stopping;
};

static void
copy_plan(struct smtp *smtp, const struct smtp_plan *plan)
{
	const char **texts[] = {
		&smtp->plan.server, &smtp->plan.ca, &smtp->plan.cert,
		&smtp->plan.key, &smtp->plan.user, &smtp->plan.password,
		&smtp->plan.from, &smtp->plan.to,
	};

	smtp->plan = *plan;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_strdup(smtp->arena, *texts[i]);
}

static void
delivery_free(struct delivery *delivery)
{
	str_fini(&delivery->mail);
	free(delivery);
}

static void
keep_socket(struct worker *worker, int was, int is)
{
	for (size_t i = 0; i < SOCKETS; i++)
		if (worker->sockets[i] == was) {
			worker->sockets[i] = is;
			return;
		}
}

static curl_socket_t
on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct worker *worker = ctx;
	curl_socket_t fd = CURL_SOCKET_BAD;

	(void)purpose;
	uv_mutex_lock(&worker->smtp->lock);
	if (!worker->smtp->stopping)
		fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
			    address->protocol);
	if (fd != CURL_SOCKET_BAD)
		keep_socket(worker, -1, fd);
	uv_mutex_unlock(&worker->smtp->lock);
	return fd;
}

static int
on_close_socket(void *ctx, curl_socket_t fd)
{
	struct worker *worker = ctx;

	uv_mutex_lock(&worker->smtp->lock);
	keep_socket(worker, fd, -1);
	uv_mutex_unlock(&worker->smtp->lock);
	return close(fd);
}

/* So that nobody waits for the other side any more.  It is locked. */
static void
shut_sockets(struct worker *worker)
{
	for (size_t i = 0; i < SOCKETS; i++)
		if (worker->sockets[i] >= 0)
			shutdown(worker->sockets[i], SHUT_RDWR);
}

/* Now and then, at least once a second.  Whether it is to be given up. */
static int
on_progress(void *ctx, curl_off_t down, curl_off_t downed, curl_off_t up,
	    curl_off_t upped)
{
	struct worker *worker = ctx;
	bool stopping;

	(void)down;
	(void)downed;
	(void)up;
	(void)upped;
	uv_mutex_lock(&worker->smtp->lock);
	stopping = worker->smtp->stopping;
	if (!stopping && uv_hrtime() > worker->until_ns) {
		worker->late = true;
		shut_sockets(worker);
	}
	uv_mutex_unlock(&worker->smtp->lock);
	return stopping || worker->late;
}

static size_t
on_wanted(char *bytes, size_t size, size_t count, void *ctx)
{
	struct worker *worker = ctx;
	struct delivery *delivery = worker->delivery;
	size_t len = delivery->mail.len - delivery->given;

	delivery->begun = true;
	if (len > size * count)
		len = size * count;
	memcpy(bytes, delivery->mail.data + delivery->given, len);
	delivery->given += len;
	return len;
}

static size_t
on_reply(char *bytes, size_t size, size_t count, void *ctx)
{
	struct worker *worker = ctx;
	size_t all = size * count, len = 0;

	/* It says something when it is left as well. */
	if (worker->delivery == NULL || (*bytes != '4' && *bytes != '5'))
		return all;
	while (len < all && len < REPLY_SIZE - 1 &&
	       isprint((unsigned char)bytes[len]))
		len++;
	memcpy(worker->delivery->reply, bytes, len);
	worker->delivery->reply[len] = '\0';
	return all;
}

static void
set_server(const struct smtp *smtp, CURL *easy)
{
	const struct smtp_plan *plan = &smtp->plan;

	curl_easy_setopt(easy, CURLOPT_URL, plan->server);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, PROTOCOLS);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_USE_SSL, plan->starttls ?
			 (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	libcurl_set_tls(easy, &(struct libcurl_tls){ plan->ca, plan->cert,
						     plan->key });
	if (*plan->user != '\0') {
		curl_easy_setopt(easy, CURLOPT_USERNAME, plan->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, plan->password);
	}
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, plan->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, smtp->recipients);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
			 (long)plan->timeout_ms + BEHIND_MS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static void
set_callbacks(struct worker *worker, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_wanted);
	curl_easy_setopt(easy, CURLOPT_READDATA, worker);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_reply);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, worker);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, worker);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, worker);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, worker);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

/* Once it was given, whatever becomes of it is about the mail: a server that
   breaks off may do so because of it. */
static enum smtp_outcome
judge(const struct delivery *delivery, CURL *easy)
{
	long code = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	if (!delivery->begun)
		return code == CODE_TOO_LARGE ? SMTP_REFUSED : SMTP_FAILED;
	return code >= CODE_REFUSED && code < CODE_REFUSED_END ?
	       SMTP_REFUSED : SMTP_DEFERRED;
}

static const char *
reason(const struct worker *worker, CURLcode result, const char *detail)
{
	const char *reply = worker->delivery->reply;

	if (worker->late)
		return "no answer in time";
	if (*reply != '\0')
		return reply;
	return *detail != '\0' ? detail : curl_easy_strerror(result);
}

static void
deliver(struct worker *worker, CURL *easy)
{
	struct delivery *delivery = worker->delivery;
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode result;

	worker->late = false;
	worker->until_ns = uv_hrtime() + worker->smtp->plan.timeout_ms *
			   UINT64_C(1000000);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
			 (curl_off_t)delivery->mail.len);
	result = curl_easy_perform(easy);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	if (result == CURLE_OK)
		return;
	delivery->outcome = judge(delivery, easy);
	strncpy(delivery->why, reason(worker, result, detail),
		REASON_SIZE - 1);
}

/* Locked at the beginning and at the end.  Returns whether there was any. */
static bool
take_work(struct worker *worker)
{
	struct smtp *smtp = worker->smtp;

	while (!smtp->stopping && smtp->waiting == NULL)
		uv_cond_wait(&smtp->work, &smtp->lock);
	if (smtp->stopping)
		return false;
	worker->delivery = smtp->waiting;
	DL_DELETE(smtp->waiting, worker->delivery);
	return true;
}

static void
work(void *ctx)
{
	struct worker *worker = ctx;
	struct smtp *smtp = worker->smtp;
	CURL *easy = curl_easy_init();

	ensure(easy != NULL);
	set_server(smtp, easy);
	set_callbacks(worker, easy);
	uv_mutex_lock(&smtp->lock);
	while (take_work(worker)) {
		uv_mutex_unlock(&smtp->lock);
		deliver(worker, easy);
		uv_mutex_lock(&smtp->lock);
		DL_APPEND(smtp->done, worker->delivery);
		worker->delivery = NULL;
		uv_async_send(&smtp->async);
	}
	uv_mutex_unlock(&smtp->lock);
	curl_easy_cleanup(easy);
	uv_mutex_lock(&smtp->lock);
	smtp->running--;
	uv_async_send(&smtp->async);
	uv_mutex_unlock(&smtp->lock);
}

static void
drop_all(struct delivery **list)
{
	struct delivery *delivery, *next;

	DL_FOREACH_SAFE(*list, delivery, next) {
		DL_DELETE(*list, delivery);
		delivery_free(delivery);
	}
}

static void
on_async_closed(uv_handle_t *async)
{
	struct smtp *smtp = async->data;

	drop_all(&smtp->waiting);
	drop_all(&smtp->done);
	uv_cond_destroy(&smtp->work);
	uv_mutex_destroy(&smtp->lock);
	curl_slist_free_all(smtp->recipients);
	curl_global_cleanup();
	arena_free(&smtp->arena);
	free(smtp->workers);
	free(smtp);
}

static void
destroy(struct smtp *smtp)
{
	for (unsigned i = 0; i < smtp->plan.connections; i++)
		uv_thread_join(&smtp->workers[i].thread);
	uv_close((uv_handle_t *)&smtp->async, on_async_closed);
}

static void
tell(struct delivery *delivery)
{
	delivery->fn(delivery->ctx, delivery->outcome,
		     delivery->outcome == SMTP_TAKEN ? NULL : delivery->why);
	delivery_free(delivery);
}

static void
on_async(uv_async_t *async)
{
	struct smtp *smtp = async->data;
	struct delivery *done = NULL, *delivery, *next;
	bool over;

	uv_mutex_lock(&smtp->lock);
	if (!smtp->stopping) {
		done = smtp->done;
		smtp->done = NULL;
	}
	over = smtp->running == 0;
	uv_mutex_unlock(&smtp->lock);
	DL_FOREACH_SAFE(done, delivery, next)
		tell(delivery);
	if (over)
		destroy(smtp);
}

static void
start(struct worker *worker, struct smtp *smtp)
{
	worker->smtp = smtp;
	for (size_t i = 0; i < SOCKETS; i++)
		worker->sockets[i] = -1;
	ensure(uv_thread_create(&worker->thread, work, worker) == 0);
}

struct smtp *
smtp_new(uv_loop_t *loop, const struct smtp_plan *plan)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));

	ensure(smtp != NULL);
	ensure(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	smtp->arena = arena_new();
	copy_plan(smtp, plan);
	smtp->recipients = curl_slist_append(NULL, plan->to);
	smtp->workers = calloc(plan->connections, sizeof(*smtp->workers));
	ensure(smtp->recipients != NULL && smtp->workers != NULL);
	ensure(uv_mutex_init(&smtp->lock) == 0);
	ensure(uv_cond_init(&smtp->work) == 0);
	ensure(uv_async_init(loop, &smtp->async, on_async) == 0);
	smtp->async.data = smtp;
	smtp->running = plan->connections;
	for (unsigned i = 0; i < plan->connections; i++)
		start(&smtp->workers[i], smtp);
	return smtp;
}

void
smtp_free(struct smtp **smtp_p)
{
	struct smtp *smtp = *smtp_p;

	if (smtp == NULL)
		return;
	*smtp_p = NULL;
	uv_mutex_lock(&smtp->lock);
	smtp->stopping = true;
	for (unsigned i = 0; i < smtp->plan.connections; i++)
		shut_sockets(&smtp->workers[i]);
	uv_cond_broadcast(&smtp->work);
	uv_mutex_unlock(&smtp->lock);
}

void
smtp_send(struct smtp *smtp, struct str *mail, smtp_fn *fn, void *ctx)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));

	ensure(delivery != NULL);
	delivery->mail = *mail;
	*mail = (struct str){ 0 };
	delivery->fn = fn;
	delivery->ctx = ctx;
	uv_mutex_lock(&smtp->lock);
	DL_APPEND(smtp->waiting, delivery);
	uv_cond_signal(&smtp->work);
	uv_mutex_unlock(&smtp->lock);
}
