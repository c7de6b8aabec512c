#include "shared/httpclient.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "shared/error.h"

static int
check_file(const char *path, struct error *err)
{
	if (*path == '\0' || access(path, R_OK) == 0)
		return 0;
	return error_set(err, ERROR_BAD_REQUEST, "%s: %s", path,
			 strerror(errno));
}

int
httpclient_check(const struct httpclient_plan *plan, struct error *err)
{
	if ((*plan->cert == '\0') != (*plan->key == '\0'))
		return error_set(err, ERROR_BAD_REQUEST, "a certificate and "
				 "its key are given together");
	if (check_file(plan->ca, err) < 0 || check_file(plan->cert, err) < 0)
		return -1;
	return check_file(plan->key, err);
}

static int
check_parts(CURLU *url, const char *text, struct error *err)
{
	char *part = NULL;
	bool good;

	if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &part, 0) != CURLUE_OK)
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is not a URL",
				 text);
	good = strcmp(part, "http") == 0 || strcmp(part, "https") == 0;
	curl_free(part);
	if (!good)
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is neither "
				 "http nor https", text);
	/* It would be in every log. */
	if (curl_url_get(url, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK) {
		curl_free(part);
		return error_set(err, ERROR_BAD_REQUEST, "a URL has no "
				 "password here");
	}
	return 0;
}

int
httpclient_check_url(const char *text, struct error *err)
{
	CURLU *url = curl_url();
	int ret;

	ensure(url != NULL);
	ret = check_parts(url, text, err);
	curl_url_cleanup(url);
	return ret;
}

/* A name that only begins like an address may be anybody's. */
static bool
is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 &&
	       (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

static bool
has_part(CURLU *url, CURLUPart what, bool (*fits)(const char *part))
{
	char *part = NULL;
	bool has;

	if (curl_url_get(url, what, &part, 0) != CURLUE_OK)
		return false;
	has = fits(part);
	curl_free(part);
	return has;
}

static bool
is_clear(const char *scheme)
{
	return strcmp(scheme, "http") == 0;
}

bool
httpclient_is_exposed(const char *text)
{
	CURLU *url = curl_url();
	bool exposed;

	ensure(url != NULL);
	exposed = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		  has_part(url, CURLUPART_SCHEME, is_clear) &&
		  !has_part(url, CURLUPART_HOST, is_loopback);
	curl_url_cleanup(url);
	return exposed;
}
