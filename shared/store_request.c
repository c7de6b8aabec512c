#include "shared/store-private.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/log.h"

/* SQLite's limit, and half of PostgreSQL's. */
#define MAX_VALUES 32766

struct store_request *
store_request_new(enum store_kind kind)
{
	struct store_request *req = calloc(1, sizeof(*req));

	ensure(req != NULL);
	req->kind = kind;
	req->bytes = sizeof(*req);
	return req;
}

static size_t
texts_bytes(const struct store_value *values, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		if (values[i].type == STORE_TEXT)
			bytes += strlen(values[i].text) + 1;
	}
	return bytes;
}

static void
copy_values(struct store_statement *stmt, const struct store_value *values,
	    size_t count)
{
	char *to = (char *)&stmt->values[count];

	for (size_t i = 0; i < count; i++) {
		stmt->values[i] = values[i];
		if (values[i].type == STORE_TEXT) {
			size_t len = strlen(values[i].text) + 1;

			memcpy(to, values[i].text, len);
			stmt->values[i].text = to;
			to += len;
		}
	}
}

void
store_request_add(struct store_request *req, const char *sql,
		  const struct store_value *values, size_t count)
{
	struct store_statement *stmt;
	size_t bytes;

	ensure(count <= MAX_VALUES);
	bytes = sizeof(*stmt) + count * sizeof(*values) +
		texts_bytes(values, count);
	ensure((stmt = malloc(bytes)) != NULL);
	stmt->next = NULL;
	stmt->sql = sql;
	stmt->count = count;
	copy_values(stmt, values, count);

	if (req->last != NULL)
		req->last->next = stmt;
	else
		req->first = stmt;
	req->last = stmt;
	req->bytes += bytes;
}

void
store_request_reset(struct store_request *req)
{
	store_result_free(&req->result);
	free(req->refusal);
	req->refusal = NULL;
	req->outcome = STORE_UNDONE;
}

void
store_request_refuse(struct store_request *req, const char *sql,
		     const char *why)
{
	if (req->outcome == STORE_REFUSED)
		return;
	store_request_reset(req);
	req->outcome = STORE_REFUSED;
	req->refused_sql = sql;
	ensure((req->refusal = strdup(why)) != NULL);
}

static const struct error away = {
	.cond = ERROR_RESOURCE_CONSTRAINT, .type = ERROR_TYPE_WAIT,
	.text = "the database is away; try again later",
};

/* Statements and reasons are for the log, not for whoever sent a stanza; a
   script's are for the operator who waits for it. */
static void
tell_refusal(struct store_request *req)
{
	const char *sql = req->refused_sql != NULL ? req->refused_sql :
			  req->first != NULL ? req->first->sql : "";
	const char *text = "the database refused the request";
	struct error err;

	if (req->kind == STORE_SCRIPT)
		text = req->refusal;
	else
		log_error("store: refused \"%.200s\": %s", sql, req->refusal);
	error_set(&err, ERROR_INTERNAL_SERVER_ERROR, "%s", text);
	if (req->fn != NULL)
		req->fn(req->ctx, NULL, &err);
}

static void
tell_result(struct store_request *req)
{
	struct store_result no_rows = { .rows = 0 };
	struct store_result *result = req->result != NULL ? req->result :
				      &no_rows;

	result->repeated = req->repeated;
	req->fn(req->ctx, result, NULL);
}

void
store_request_tell(struct store_request *req)
{
	if (req->told)
		return;
	req->told = true;
	if (req->outcome == STORE_REFUSED)
		tell_refusal(req);
	else if (req->fn == NULL)
		return;
	else if (req->outcome == STORE_UNDONE)
		req->fn(req->ctx, NULL, &away);
	else
		tell_result(req);
}

void
store_request_free(struct store_request **req)
{
	struct store_statement *stmt, *next;

	if (*req == NULL)
		return;
	for (stmt = (*req)->first; stmt != NULL; stmt = next) {
		next = stmt->next;
		free(stmt);
	}
	store_request_reset(*req);
	free((*req)->script);
	free(*req);
	*req = NULL;
}
