/*
 * libcurl.h - what all have in common who ask servers by libcurl.
 */
#ifndef SHARED_LIBCURL_H
#define SHARED_LIBCURL_H

#include <curl/curl.h>
#include <stdbool.h>

struct error;

struct libcurl_tls {
	const char *ca;		/* file of the certificates to trust; "": the
				   system's */
	const char *cert, *key;	/* files of our own, for servers that ask for
				   it; "": none */
};

/* Whether its files can be read, and a key is given with the certificate.
   Returns 0, or -1 with err->text why, for people. */
int libcurl_check_tls(const struct libcurl_tls *tls, struct error *err);
/* Whether it is a URL of the scheme, or of that with an "s", and has no
   password.  The same. */
int libcurl_check_url(const char *url, const char *scheme,
		      struct error *err);
/* Whether what goes there does not leave this machine. */
bool libcurl_is_local(const char *url);

/* TLS 1.2 at least, with what libcurl checks by itself. */
void libcurl_set_tls(CURL *easy, const struct libcurl_tls *tls);

#endif
