#include "components/archive/journaling/smtp.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "shared/error.h"
#include "shared/libcurl.h"

/* RFC 5321 section 4.5.3.1, a path without its brackets. */
#define MAILBOX_MAX 254

/* One that needs no quotes, and cannot end the command it stands in. */
static int
check_mailbox(const char *text, struct error *err)
{
	const char *at = strrchr(text, '@');

	for (const char *c = text; *c != '\0'; c++)
		if (!isgraph((unsigned char)*c) ||
		    strchr("<>()[],;:\\\"", *c) != NULL)
			at = NULL;
	if (at == NULL || at == text || at[1] == '\0' ||
	    strlen(text) > MAILBOX_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "'%.60s' is no "
				 "address of mail", text);
	return 0;
}

static bool
is_clear(const struct smtp_plan *plan)
{
	return !plan->starttls &&
	       strncasecmp(plan->server, "smtp:", strlen("smtp:")) == 0;
}

int
smtp_check(const struct smtp_plan *plan, struct error *err)
{
	if (libcurl_check_url(plan->server, "smtp", err) < 0 ||
	    libcurl_check_tls(&(struct libcurl_tls){
			    plan->ca, plan->cert, plan->key }, err) < 0 ||
	    check_mailbox(plan->from, err) < 0 ||
	    check_mailbox(plan->to, err) < 0)
		return -1;
	if (is_clear(plan) && !libcurl_is_local(plan->server))
		return error_set(err, ERROR_BAD_REQUEST, "'%s' would get what "
				 "people write in clear text: write smtps, or "
				 "starttls = yes", plan->server);
	if ((*plan->user == '\0') != (*plan->password == '\0'))
		return error_set(err, ERROR_BAD_REQUEST, "a user and a "
				 "password are given together");
	return 0;
}
