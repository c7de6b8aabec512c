#include "shared/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/str.h"

/* A variable's name; getenv() wants it ended by NUL. */
#define NAME_MAX_BYTES 128

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,	/* without quotes */
	TOKEN_STRING,	/* in quotes */
	TOKEN_MARK,	/* one of { } ( ) = , or += */
};

struct token {
	enum token_kind kind;
	char *text;
	size_t len;
};

struct scan {
	char *at, *end;
	unsigned line;
	const char *path;
	unsigned depth;		/* of braces */
	unsigned open_line;	/* of the first of them */
	bool skipping;		/* inside somebody else's section */
	struct error *err;
};

static int
read_all(int fd, size_t max, struct str *text)
{
	ssize_t n;

	do {
		char *room = str_reserve(text, 4096);

		n = read(fd, room, 4096);
		if (n < 0)
			return -1;
		text->len += (size_t)n;
		if (text->len > max) {
			errno = EFBIG;
			return -1;
		}
	} while (n > 0);
	str_addz(text, "");
	return 0;
}

/* A pipe or a device would keep the loop waiting. */
static int
open_regular(const char *path, int *fd_r, struct error *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set(err, ERROR_ITEM_NOT_FOUND, "%s: %s", path,
			  strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		error_set(err, ERROR_NOT_ACCEPTABLE,
			  "%s: not a regular file", path);
	} else {
		*fd_r = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Some editors begin a file with a byte order mark. */
static void
drop_mark(struct str *text)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t len = sizeof(mark) - 1;

	if (text->len < len || memcmp(text->data, mark, len) != 0)
		return;
	text->len -= len;
	memmove(text->data, text->data + len, text->len + 1);
}

int
source_read(const char *path, size_t max, struct str *text_r,
	    struct error *err)
{
	int fd, ret;

	if (open_regular(path, &fd, err) < 0)
		return -1;
	ret = read_all(fd, max, text_r);
	if (ret < 0)
		error_set(err, ERROR_NOT_ACCEPTABLE, "%s: %s", path,
			  strerror(errno));
	close(fd);
	if (ret < 0)
		return -1;
	if (memchr(text_r->data, '\0', text_r->len) != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s: contains a NUL byte", path);
	drop_mark(text_r);
	return 0;
}

static int
scan_error(const struct scan *scan, unsigned line, const char *reason)
{
	return error_set(scan->err, ERROR_BAD_REQUEST, "%s:%u: %s",
			 scan->path, line, reason);
}

static bool
starts_with(const struct scan *scan, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(scan->end - scan->at) >= len &&
	       memcmp(scan->at, text, len) == 0;
}

/* Steps over one byte, counting lines. */
static void
step(struct scan *scan)
{
	if (*scan->at++ == '\n')
		scan->line++;
}

/* The same, leaving a blank. */
static void
wipe(struct scan *scan)
{
	char c = *scan->at;

	step(scan);
	if (c != '\n')
		scan->at[-1] = ' ';
}

static void
wipe_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		wipe(scan);
}

static int
wipe_comment(struct scan *scan)
{
	unsigned line = scan->line;

	wipe(scan);
	wipe(scan);
	while (!starts_with(scan, "*/")) {
		if (scan->at == scan->end)
			return scan_error(scan, line,
					  "this comment has no end");
		wipe(scan);
	}
	wipe(scan);
	wipe(scan);
	return 0;
}

/* To the next token: past white space and comments. */
static int
skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end) {
		if (strchr(" \t\r\n", *scan->at) != NULL)
			step(scan);
		else if (*scan->at == '#' || starts_with(scan, "//"))
			wipe_line(scan);
		else if (!starts_with(scan, "/*"))
			return 0;
		else if (wipe_comment(scan) < 0)
			return -1;
	}
	return 0;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static int
check_variable(const struct scan *scan, const char *text, size_t len)
{
	char name[NAME_MAX_BYTES];

	if (len == 0 || len >= sizeof(name))
		return scan_error(scan, scan->line,
				  "${...} must hold a variable's name");
	memcpy(name, text, len);
	name[len] = '\0';
	if (scan->skipping || getenv(name) != NULL)
		return 0;
	return error_set(scan->err, ERROR_BAD_REQUEST,
			 "%s:%u: the environment has no variable %s",
			 scan->path, scan->line, name);
}

/* Past ${NAME} or ${NAME:-default}. */
static int
scan_variable(struct scan *scan)
{
	const char *name = scan->at + 2;
	size_t len = 0;

	while (name + len < scan->end && is_name_char(name[len]))
		len++;
	scan->at += 2 + len;
	if (!starts_with(scan, ":-")) {
		if (!starts_with(scan, "}"))
			return scan_error(scan, scan->line,
					  "'}' is missing after '${'");
		scan->at++;
		return check_variable(scan, name, len);
	}

	while (scan->at < scan->end && strchr("}\"\n", *scan->at) == NULL)
		scan->at++;
	if (!starts_with(scan, "}"))
		return scan_error(scan, scan->line,
				  "'}' is missing after '${'");
	scan->at++;
	return 0;
}

static int
scan_string(struct scan *scan)
{
	unsigned line = scan->line;
	char quote = *scan->at++;

	while (scan->at < scan->end && *scan->at != quote) {
		if (quote == '"' && starts_with(scan, "${")) {
			if (scan_variable(scan) < 0)
				return -1;
			continue;
		}
		if (*scan->at == '\\' && scan->end - scan->at > 1)
			step(scan);
		step(scan);
	}
	if (scan->at == scan->end)
		return scan_error(scan, line, "this text has no closing quote");
	scan->at++;
	return 0;
}

static int
scan_word(struct scan *scan)
{
	while (scan->at < scan->end &&
	       strchr(" #\"'\t\n\r={}()+,*", *scan->at) == NULL) {
		if (starts_with(scan, "${"))
			return scan_error(scan, scan->line, "text with ${...} "
					  "in it must stand in double quotes");
		scan->at++;
	}
	return 0;
}

static int
scan_mark(struct scan *scan)
{
	if (starts_with(scan, "+="))
		scan->at++;
	else if (strchr("{}()=,", *scan->at) == NULL)
		return error_set(scan->err, ERROR_BAD_REQUEST,
				 "%s:%u: unexpected '%c'", scan->path,
				 scan->line, *scan->at);
	scan->at++;
	return 0;
}

static int
next_token(struct scan *scan, struct token *token_r)
{
	int ret;

	if (skip_blanks(scan) < 0)
		return -1;

	token_r->text = scan->at;
	if (scan->at == scan->end) {
		token_r->kind = TOKEN_END;
		ret = 0;
	} else if (*scan->at == '"' || *scan->at == '\'') {
		token_r->kind = TOKEN_STRING;
		ret = scan_string(scan);
	} else if (starts_with(scan, "${")) {
		token_r->kind = TOKEN_STRING;
		ret = scan_variable(scan);
	} else if (strchr("{}()=,+*", *scan->at) != NULL) {
		token_r->kind = TOKEN_MARK;
		ret = scan_mark(scan);
	} else {
		token_r->kind = TOKEN_WORD;
		ret = scan_word(scan);
	}
	token_r->len = (size_t)(scan->at - token_r->text);
	return ret;
}

static bool
token_is(const struct token *token, enum token_kind kind, const char *text)
{
	return token->kind == kind && token->len == strlen(text) &&
	       memcmp(token->text, text, token->len) == 0;
}

/* The rest of a section whose opening brace was read. */
static int
skip_section(struct scan *scan)
{
	unsigned line = scan->line;
	unsigned depth = 1;
	struct token token;

	while (depth > 0) {
		if (next_token(scan, &token) < 0)
			return -1;
		if (token.kind == TOKEN_END)
			return scan_error(scan, line,
					  "this section has no closing brace");
		if (token_is(&token, TOKEN_MARK, "{"))
			depth++;
		else if (token_is(&token, TOKEN_MARK, "}"))
			depth--;
	}
	return 0;
}

/* Wipes a section from its name on.  token becomes the one behind it. */
static int
wipe_section(struct scan *scan, struct token *token)
{
	char *start = token->text;

	if (next_token(scan, token) < 0)
		return -1;
	if (!token_is(token, TOKEN_MARK, "{"))
		return 0;	/* libconfuse refuses the name */

	scan->skipping = true;
	if (skip_section(scan) < 0)
		return -1;
	scan->skipping = false;
	for (; start < scan->at; start++)
		if (*start != '\n')
			*start = ' ';
	return next_token(scan, token);
}

/* libconfuse 3.3 forgets to free the arguments of a call it refuses. */
static int
check_include(struct scan *scan, struct token *token)
{
	unsigned line = scan->line;
	struct token open, name, end;

	if (next_token(scan, &open) < 0 || next_token(scan, &name) < 0 ||
	    next_token(scan, &end) < 0)
		return -1;
	if (!token_is(&open, TOKEN_MARK, "(") || name.kind != TOKEN_STRING ||
	    !token_is(&end, TOKEN_MARK, ")"))
		return scan_error(scan, line,
				  "write it like this: include(\"FILE\")");
	return next_token(scan, token);
}

/* libconfuse 3.3 lets a file end inside a section. */
static int
count_brace(struct scan *scan, const struct token *token)
{
	if (token_is(token, TOKEN_MARK, "{") && scan->depth++ == 0)
		scan->open_line = scan->line;
	if (!token_is(token, TOKEN_MARK, "}"))
		return 0;
	if (scan->depth-- == 0)
		return scan_error(scan, scan->line,
				  "unexpected closing brace");
	return 0;
}

static int
scan_top(struct scan *scan, struct token *token, source_skip_fn *skip,
	 const void *ctx)
{
	if (scan->depth == 0 && token->kind == TOKEN_WORD &&
	    skip(ctx, token->text, token->len))
		return wipe_section(scan, token);
	if (scan->depth == 0 && token_is(token, TOKEN_WORD, "include"))
		return check_include(scan, token);
	if (count_brace(scan, token) < 0)
		return -1;
	return next_token(scan, token);
}

int
source_prepare(struct str *text, const char *path, source_skip_fn *skip,
	       const void *ctx, struct error *err)
{
	struct scan scan = {
		.line = 1, .path = path, .err = err,
	};
	struct token token;

	/* Makes sure that there are bytes to point at. */
	str_addz(text, "");
	scan.at = text->data;
	scan.end = text->data + text->len;
	if (next_token(&scan, &token) < 0)
		return -1;
	while (token.kind != TOKEN_END)
		if (scan_top(&scan, &token, skip, ctx) < 0)
			return -1;
	if (scan.depth > 0)
		return scan_error(&scan, scan.open_line,
				  "this section has no closing brace");
	return 0;
}
