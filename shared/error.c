#include "shared/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/utf8.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 6120 section 8.3.3; where it leaves a choice of types, the first that
   asks the sender to change or to wait. */
static const struct {
	const char *name;
	enum error_type type;
} conds[] = {
	[ERROR_NONE] = { "undefined-condition", ERROR_TYPE_CANCEL },
	[ERROR_BAD_REQUEST] = { "bad-request", ERROR_TYPE_MODIFY },
	[ERROR_CONFLICT] = { "conflict", ERROR_TYPE_CANCEL },
	[ERROR_FEATURE_NOT_IMPLEMENTED] =
		{ "feature-not-implemented", ERROR_TYPE_CANCEL },
	[ERROR_FORBIDDEN] = { "forbidden", ERROR_TYPE_AUTH },
	[ERROR_GONE] = { "gone", ERROR_TYPE_CANCEL },
	[ERROR_INTERNAL_SERVER_ERROR] =
		{ "internal-server-error", ERROR_TYPE_CANCEL },
	[ERROR_ITEM_NOT_FOUND] = { "item-not-found", ERROR_TYPE_CANCEL },
	[ERROR_JID_MALFORMED] = { "jid-malformed", ERROR_TYPE_MODIFY },
	[ERROR_NOT_ACCEPTABLE] = { "not-acceptable", ERROR_TYPE_MODIFY },
	[ERROR_NOT_ALLOWED] = { "not-allowed", ERROR_TYPE_CANCEL },
	[ERROR_NOT_AUTHORIZED] = { "not-authorized", ERROR_TYPE_AUTH },
	[ERROR_POLICY_VIOLATION] = { "policy-violation", ERROR_TYPE_MODIFY },
	[ERROR_RECIPIENT_UNAVAILABLE] =
		{ "recipient-unavailable", ERROR_TYPE_WAIT },
	[ERROR_REDIRECT] = { "redirect", ERROR_TYPE_MODIFY },
	[ERROR_REGISTRATION_REQUIRED] =
		{ "registration-required", ERROR_TYPE_AUTH },
	[ERROR_REMOTE_SERVER_NOT_FOUND] =
		{ "remote-server-not-found", ERROR_TYPE_CANCEL },
	[ERROR_REMOTE_SERVER_TIMEOUT] =
		{ "remote-server-timeout", ERROR_TYPE_WAIT },
	[ERROR_RESOURCE_CONSTRAINT] =
		{ "resource-constraint", ERROR_TYPE_WAIT },
	[ERROR_SERVICE_UNAVAILABLE] =
		{ "service-unavailable", ERROR_TYPE_CANCEL },
	[ERROR_SUBSCRIPTION_REQUIRED] =
		{ "subscription-required", ERROR_TYPE_AUTH },
	[ERROR_UNDEFINED_CONDITION] =
		{ "undefined-condition", ERROR_TYPE_CANCEL },
	[ERROR_UNEXPECTED_REQUEST] =
		{ "unexpected-request", ERROR_TYPE_WAIT },
};

static const char *const types[] = {
	[ERROR_TYPE_AUTH] = "auth",
	[ERROR_TYPE_CANCEL] = "cancel",
	[ERROR_TYPE_CONTINUE] = "continue",
	[ERROR_TYPE_MODIFY] = "modify",
	[ERROR_TYPE_WAIT] = "wait",
};

/* By way of a copy, as the arguments may be parts of err itself.  Of what is
   quoted only a part may be there, which ends within a character. */
__attribute__((format(printf, 4, 0)))
static void
set(struct error *err, enum error_cond cond, enum error_type type,
    const char *fmt, va_list args)
{
	struct error made = { .cond = cond, .type = type };
	int len = vsnprintf(made.text, sizeof(made.text), fmt, args);

	if (len < 0)
		made.text[0] = '\0';
	utf8_mend(made.text);
	*err = made;
}

int
error_set(struct error *err, enum error_cond cond, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, cond, ERROR_TYPE_DEFAULT, fmt, args);
	va_end(args);
	return -1;
}

int
error_set_type(struct error *err, enum error_cond cond, enum error_type type,
	       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, cond, type, fmt, args);
	va_end(args);
	return -1;
}

int
error_add_detail(struct error *err, const char *ns, const char *name)
{
	err->detail_ns = ns;
	err->detail = name;
	return -1;
}

const char *
error_cond_name(enum error_cond cond)
{
	ensure((size_t)cond < ARRAY_LEN(conds));
	return conds[cond].name;
}

const char *
error_type_name(const struct error *err)
{
	enum error_type type = err->type;

	ensure((size_t)err->cond < ARRAY_LEN(conds));
	if (type == ERROR_TYPE_DEFAULT)
		type = conds[err->cond].type;
	ensure((size_t)type < ARRAY_LEN(types));
	return types[type];
}

const char *
error_reason(const struct error *err)
{
	return err->text[0] != '\0' ? err->text : error_cond_name(err->cond);
}

char *
error_print(const struct error *err, char text[ERROR_PRINT_SIZE])
{
	snprintf(text, ERROR_PRINT_SIZE, "%s%s%s", error_cond_name(err->cond),
		 err->text[0] != '\0' ? ": " : "", err->text);
	return text;
}

enum error_cond
error_cond_find(const char *name)
{
	for (size_t i = ERROR_NONE + 1; i < ARRAY_LEN(conds); i++) {
		if (strcmp(conds[i].name, name) == 0)
			return (enum error_cond)i;
	}
	return ERROR_UNDEFINED_CONDITION;
}

void
error_panic(const char *file, int line, const char *expr)
{
	fprintf(stderr, "panic: %s:%d: %s does not hold\n", file, line, expr);
	abort();
}
