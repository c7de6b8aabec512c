/*
 * error.h - what went wrong, in the terms of RFC 6120 section 8.3.
 *
 * A function that can fail takes a struct error, fills it and returns -1.
 * The runtime alone turns it into a stanza error and logs it.
 */
#ifndef SHARED_ERROR_H
#define SHARED_ERROR_H

enum error_cond {
	ERROR_NONE,
	ERROR_BAD_REQUEST,
	ERROR_CONFLICT,
	ERROR_FEATURE_NOT_IMPLEMENTED,
	ERROR_FORBIDDEN,
	ERROR_GONE,
	ERROR_INTERNAL_SERVER_ERROR,
	ERROR_ITEM_NOT_FOUND,
	ERROR_JID_MALFORMED,
	ERROR_NOT_ACCEPTABLE,
	ERROR_NOT_ALLOWED,
	ERROR_NOT_AUTHORIZED,
	ERROR_POLICY_VIOLATION,
	ERROR_RECIPIENT_UNAVAILABLE,
	ERROR_REDIRECT,
	ERROR_REGISTRATION_REQUIRED,
	ERROR_REMOTE_SERVER_NOT_FOUND,
	ERROR_REMOTE_SERVER_TIMEOUT,
	ERROR_RESOURCE_CONSTRAINT,
	ERROR_SERVICE_UNAVAILABLE,
	ERROR_SUBSCRIPTION_REQUIRED,
	ERROR_UNDEFINED_CONDITION,
	ERROR_UNEXPECTED_REQUEST,
};

/* ERROR_TYPE_DEFAULT stands for the type RFC 6120 gives the condition. */
enum error_type {
	ERROR_TYPE_DEFAULT,
	ERROR_TYPE_AUTH,
	ERROR_TYPE_CANCEL,
	ERROR_TYPE_CONTINUE,
	ERROR_TYPE_MODIFY,
	ERROR_TYPE_WAIT,
};

struct error {
	enum error_cond cond;
	enum error_type type;
	/* A condition of a protocol's own, or NULL; static strings. */
	const char *detail_ns, *detail;
	char text[240];		/* for people; cut at a character's edge */
};

/* Both return -1, so that a failure is one statement. */
int error_set(struct error *err, enum error_cond cond, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int error_set_type(struct error *err, enum error_cond cond,
		   enum error_type type, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds a protocol's own condition to an error that was set.  Returns -1. */
int error_add_detail(struct error *err, const char *ns, const char *name);

/* The element's name, and the value of the type attribute: "forbidden",
   "auth".  Static strings. */
const char *error_cond_name(enum error_cond cond);
const char *error_type_name(const struct error *err);

/* What it says, or its condition's name where it says nothing, as may one that
   came from elsewhere.  Lives as long as err. */
const char *error_reason(const struct error *err);

/* "conflict: the nick is taken", or the condition alone where it says nothing,
   into text, which is returned. */
#define ERROR_PRINT_SIZE 280
char *error_print(const struct error *err, char text[ERROR_PRINT_SIZE]);

/* ERROR_UNDEFINED_CONDITION when the name is not one of RFC 6120's. */
enum error_cond error_cond_find(const char *name);

/* Ends the process with a message when what must hold does not. */
#define ensure(expr) \
	((expr) ? (void)0 : error_panic(__FILE__, __LINE__, #expr))
_Noreturn void error_panic(const char *file, int line, const char *expr);

#endif
