#include "t/lib/website.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shared/error.h"
#include "shared/source.h"
#include "shared/str.h"

#define FILE_BYTES 65536
#define HEADERS_BYTES 4096

struct visit {
	struct str line;	/* "GET /path" */
	struct str body;
};

/* All but daemon is the lock's. */
struct website {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	pthread_cond_t spoke;
	bool hush;
	unsigned status;
	char *body;
	unsigned requests, connections, waiting, waited;
	struct str headers;	/* of the last: "name: value\n" */
};

static enum MHD_Result
add_header(void *ctx, enum MHD_ValueKind kind, const char *name,
	   const char *value)
{
	struct website *site = ctx;

	(void)kind;
	if (site->headers.len < HEADERS_BYTES)
		str_addf(&site->headers, "%s: %s\n", name,
			 value == NULL ? "" : value);
	return MHD_YES;
}

static struct MHD_Response *
compose(struct website *site, const struct visit *visit)
{
	const char *text = site->body != NULL ? site->body : visit->body.data;

	return MHD_create_response_from_buffer(
		text == NULL ? 0 : strlen(text), (void *)text,
		MHD_RESPMEM_MUST_COPY);
}

/* Each connection has a thread, so one may wait. */
static struct MHD_Response *
attend(struct website *site, struct MHD_Connection *connection,
       const struct visit *visit, unsigned *status_r)
{
	struct MHD_Response *response;

	pthread_mutex_lock(&site->lock);
	site->requests++;
	str_clear(&site->headers);
	str_addf(&site->headers, "request: %s\n", visit->line.data);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header,
				  site);
	if (++site->waiting > site->waited)
		site->waited = site->waiting;
	while (site->hush)
		pthread_cond_wait(&site->spoke, &site->lock);
	site->waiting--;
	*status_r = site->status;
	response = compose(site, visit);
	pthread_mutex_unlock(&site->lock);
	return response;
}

static enum MHD_Result
on_request(void *ctx, struct MHD_Connection *connection, const char *path,
	   const char *method, const char *version, const char *upload,
	   size_t *upload_len, void **seen)
{
	struct visit *visit = *seen;
	struct MHD_Response *response;
	enum MHD_Result ret;
	unsigned status;

	(void)version;
	if (visit == NULL) {
		ensure((*seen = visit = calloc(1, sizeof(*visit))) != NULL);
		str_addf(&visit->line, "%s %s", method, path);
		return MHD_YES;
	}
	if (*upload_len > 0) {
		str_add(&visit->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	response = attend(ctx, connection, visit, &status);
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static void
on_completed(void *ctx, struct MHD_Connection *connection, void **seen,
	     enum MHD_RequestTerminationCode code)
{
	struct visit *visit = *seen;

	(void)ctx;
	(void)connection;
	(void)code;
	if (visit == NULL)
		return;
	str_fini(&visit->line);
	str_fini(&visit->body);
	free(visit);
}

static void
on_connection(void *ctx, struct MHD_Connection *connection, void **guest,
	      enum MHD_ConnectionNotificationCode code)
{
	struct website *site = ctx;

	(void)connection;
	(void)guest;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	pthread_mutex_lock(&site->lock);
	site->connections++;
	pthread_mutex_unlock(&site->lock);
}

static void
start(struct website *site, const struct website_plan *plan)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_THREAD_PER_CONNECTION;
	/* Those of TLS come last, where they are left out. */
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_SOCK_ADDR, 0, &here },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, site },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection,
		  site },
		{ MHD_OPTION_END, 0, NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)plan->key },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (plan->cert != NULL) {
		flags |= MHD_USE_TLS;
		options[3].option = MHD_OPTION_HTTPS_MEM_CERT;
		options[3].ptr_value = (void *)plan->cert;
	}
	site->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request,
					site, MHD_OPTION_ARRAY, options,
					MHD_OPTION_END);
	ensure(site->daemon != NULL);
}

struct website *
website_new(const struct website_plan *plan)
{
	struct website *site = calloc(1, sizeof(*site));

	ensure(site != NULL);
	pthread_mutex_init(&site->lock, NULL);
	pthread_cond_init(&site->spoke, NULL);
	site->status = MHD_HTTP_OK;
	start(site, plan);
	return site;
}

void
website_free(struct website **site_p)
{
	struct website *site = *site_p;

	if (site == NULL)
		return;
	*site_p = NULL;
	website_hush(site, false);
	MHD_stop_daemon(site->daemon);
	pthread_cond_destroy(&site->spoke);
	pthread_mutex_destroy(&site->lock);
	str_fini(&site->headers);
	free(site->body);
	free(site);
}

unsigned
website_port(const struct website *site)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(
		site->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info->port;
}

void
website_answers(struct website *site, unsigned status, const char *body)
{
	pthread_mutex_lock(&site->lock);
	site->status = status;
	free(site->body);
	site->body = str_dup(body);
	pthread_mutex_unlock(&site->lock);
}

void
website_hush(struct website *site, bool hush)
{
	pthread_mutex_lock(&site->lock);
	site->hush = hush;
	pthread_cond_broadcast(&site->spoke);
	pthread_mutex_unlock(&site->lock);
}

static unsigned
look(struct website *site, const unsigned *count)
{
	unsigned value;

	pthread_mutex_lock(&site->lock);
	value = *count;
	pthread_mutex_unlock(&site->lock);
	return value;
}

unsigned
website_requests(struct website *site)
{
	return look(site, &site->requests);
}

unsigned
website_connections(struct website *site)
{
	return look(site, &site->connections);
}

unsigned
website_waiting(struct website *site)
{
	return look(site, &site->waiting);
}

unsigned
website_waited(struct website *site)
{
	return look(site, &site->waited);
}

bool
website_heard(struct website *site, const char *name, const char *value)
{
	struct str line = { 0 };
	bool heard;

	str_addf(&line, "%s: %s\n", name, value);
	pthread_mutex_lock(&site->lock);
	heard = site->headers.data != NULL &&
		strstr(site->headers.data, line.data) != NULL;
	pthread_mutex_unlock(&site->lock);
	str_fini(&line);
	return heard;
}

void
website_certify(const char *folder, const char *name)
{
	struct str command = { 0 };

	str_addf(&command, "openssl req -x509 -newkey ec -pkeyopt "
		 "ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=%s "
		 "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
		 "-out %s/%s.crt -keyout %s/%s.key 2>/dev/null", name, folder,
		 name, folder, name);
	ensure(system(command.data) == 0);
	str_fini(&command);
}

char *
website_read(const char *folder, const char *file)
{
	struct str path = { 0 }, text = { 0 };
	struct error err;

	str_addf(&path, "%s/%s", folder, file);
	ensure(source_read(path.data, FILE_BYTES, &text, &err) == 0);
	str_fini(&path);
	return text.data;
}
