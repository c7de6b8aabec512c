#include "shared/libcurl.h"

#include <arpa/inet.h>
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
libcurl_check_tls(const struct libcurl_tls *tls, struct error *err)
{
	if ((*tls->cert == '\0') != (*tls->key == '\0'))
		return error_set(err, ERROR_BAD_REQUEST, "a certificate and "
				 "its key are given together");
	if (check_file(tls->ca, err) < 0 || check_file(tls->cert, err) < 0)
		return -1;
	return check_file(tls->key, err);
}

/* Whether it is the scheme, or that with an "s". */
static bool
is_of(const char *found, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncmp(found, scheme, len) == 0 &&
	       (found[len] == '\0' || strcmp(found + len, "s") == 0);
}

static int
check_parts(CURLU *url, const char *text, const char *scheme,
	    struct error *err)
{
	char *part = NULL;
	bool good;

	if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &part, 0) != CURLUE_OK)
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is not a URL",
				 text);
	good = is_of(part, scheme);
	curl_free(part);
	if (!good)
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is neither "
				 "%s nor %ss", text, scheme, scheme);
	/* It would be in every log. */
	if (curl_url_get(url, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK) {
		curl_free(part);
		return error_set(err, ERROR_BAD_REQUEST, "a URL has no "
				 "password here");
	}
	return 0;
}

int
libcurl_check_url(const char *text, const char *scheme, struct error *err)
{
	CURLU *url = curl_url();
	int ret;

	ensure(url != NULL);
	ret = check_parts(url, text, scheme, err);
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

bool
libcurl_is_local(const char *text)
{
	CURLU *url = curl_url();
	char *host = NULL;
	bool local;

	ensure(url != NULL);
	local = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		is_loopback(host);
	curl_free(host);
	curl_url_cleanup(url);
	return local;
}

void
libcurl_set_tls(CURL *easy, const struct libcurl_tls *tls)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	if (*tls->ca != '\0') {
		curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca);
		/* Or the system's would be trusted as well. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (*tls->cert != '\0') {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert);
		curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key);
	}
}
