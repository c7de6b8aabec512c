#include "shared/store_pgflight.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/store-private.h"
#include "shared/store_pgcache.h"

/* How often a request is tried that the server calls off. */
#define MAX_CANCELS 5
#define NUMBER_SIZE 24

/* The values of one statement as libpq wants them. */
struct params {
	const char **texts;
	char (*numbers)[NUMBER_SIZE];
	size_t room;
};

struct store_pgflight *
store_pgflight_new(unsigned long number)
{
	struct store_pgflight *flight = calloc(1, sizeof(*flight));

	ensure(flight != NULL);
	flight->number = number;
	return flight;
}

void
store_pgflight_add(struct store_pgflight *flight, struct store_request *req)
{
	DL_APPEND(flight->list, req);
	flight->count++;
}

void
store_pgflight_free(struct store_pgflight **flight)
{
	ensure((*flight)->list == NULL);
	free(*flight);
	*flight = NULL;
}

/* To the next request that has a statement and was not refused before. */
static void
skip_to_statement(struct store_pgflight *flight, struct store_request *req)
{
	while (req != NULL && (req->first == NULL ||
			       req->outcome == STORE_REFUSED))
		req = req->next;
	flight->req = req;
	flight->stmt = req != NULL ? req->first : NULL;
}

static void
advance(struct store_pgflight *flight)
{
	if (flight->stmt == NULL)
		return;
	flight->stmt = flight->stmt->next;
	if (flight->stmt == NULL)
		skip_to_statement(flight, flight->req->next);
}

/* In transactions of their own, so that they stay when this one fails. */
static int
send_prepares(struct store_pgflight *flight, PGconn *conn,
	      struct store_pgcache *cache)
{
	skip_to_statement(flight, flight->list);
	for (; flight->stmt != NULL; advance(flight)) {
		bool fresh;
		const char *sql = flight->stmt->sql;
		const char *name = store_pgcache_name(cache, sql,
						      flight->number, &fresh);

		if (!fresh)
			continue;
		if (PQsendPrepare(conn, name, sql, 0, NULL) != 1 ||
		    PQpipelineSync(conn) != 1)
			return -1;
		flight->preparing++;
	}
	return 0;
}

static void
set_params(struct params *params, const struct store_statement *stmt)
{
	if (params->room < stmt->count) {
		params->room = stmt->count;
		params->texts = realloc(params->texts, params->room *
					sizeof(*params->texts));
		params->numbers = realloc(params->numbers, params->room *
					  sizeof(*params->numbers));
		ensure(params->texts != NULL && params->numbers != NULL);
	}
	for (size_t i = 0; i < stmt->count; i++) {
		const struct store_value *value = &stmt->values[i];

		params->texts[i] = value->text;
		if (value->type != STORE_INT)
			continue;
		snprintf(params->numbers[i], NUMBER_SIZE, "%" PRId64,
			 value->number);
		params->texts[i] = params->numbers[i];
	}
}

static int
send_statement(struct store_pgflight *flight, PGconn *conn,
	       struct store_pgcache *cache, const char *const *texts)
{
	int count = (int)flight->stmt->count;
	bool fresh;

	if (flight->list->alone)
		return PQsendQueryParams(conn, flight->stmt->sql, count, NULL,
					 texts, NULL, NULL, 0);
	return PQsendQueryPrepared(conn,
				   store_pgcache_name(cache, flight->stmt->sql,
						      flight->number, &fresh),
				   count, texts, NULL, NULL, 0);
}

static int
send_statements(struct store_pgflight *flight, PGconn *conn,
		struct store_pgcache *cache)
{
	struct params params = { 0 };
	int ret = 1;

	skip_to_statement(flight, flight->list);
	for (; flight->stmt != NULL && ret == 1; advance(flight)) {
		set_params(&params, flight->stmt);
		ret = send_statement(flight, conn, cache, params.texts);
	}
	free(params.texts);
	free(params.numbers);
	return ret == 1 && PQpipelineSync(conn) == 1 ? 0 : -1;
}

static int
send_script(struct store_pgflight *flight, PGconn *conn)
{
	flight->req = flight->list;
	return PQexitPipelineMode(conn) == 1 &&
	       PQsendQuery(conn, flight->list->script) == 1 ? 0 : -1;
}

int
store_pgflight_send(struct store_pgflight *flight, PGconn *conn,
		    struct store_pgcache *cache)
{
	if (flight->list->kind == STORE_SCRIPT)
		return send_script(flight, conn);
	if ((!flight->list->alone && send_prepares(flight, conn, cache) < 0) ||
	    send_statements(flight, conn, cache) < 0)
		return -1;
	skip_to_statement(flight, flight->list);
	return 0;
}

/* Whether trying again later makes sense: SQLSTATE classes of connections,
   conflicts between transactions, lacking resources, and an operator's
   doings; a server that has become a standby; a lock that another holds for
   too long; a disk that fails. */
static bool
is_passing(struct store_pgflight *flight, const char *sqlstate)
{
	static const char *const prefixes[] = {
		"08", "40", "53", "57", "25006", "55P03", "58030",
	};

	/* Also what runs out of time each time it is tried. */
	if (strcmp(sqlstate, "57014") == 0 && flight->req != NULL)
		return ++flight->req->cancels < MAX_CANCELS;
	/* A wrong number of values counts as a violation of the protocol. */
	if (strcmp(sqlstate, "08P01") == 0)
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(sqlstate, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* A statement that is not prepared (26000) may need what another of its flight
   makes; whether it is wrong shows when each flies alone. */
static void
blame(struct store_pgflight *flight, const char *sqlstate)
{
	const char *sql = flight->stmt != NULL ? flight->stmt->sql : NULL;

	if (flight->failed)
		return;
	flight->failed = true;
	if (strcmp(sqlstate, "26000") == 0 && !flight->list->alone)
		return;
	flight->blamed = flight->req != NULL || flight->count == 1;
	if (flight->blamed)
		store_request_refuse(flight->req != NULL ? flight->req :
				     flight->list, sql, flight->why);
}

static enum store_pgflight_state
take_error(struct store_pgflight *flight, struct store_pgcache *cache,
	   const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

	/* Without a state it is libpq's own word for a lost connection. */
	if (state == NULL) {
		snprintf(flight->why, sizeof(flight->why), "%s",
			 PQresultErrorMessage(res));
		return STORE_PGFLIGHT_BROKEN;
	}
	snprintf(flight->why, sizeof(flight->why), "%s (SQLSTATE %s)",
		 text != NULL ? text : "no message", state);
	/* Deadlock or conflict.  With another one behind it, it would be
	   overtaken. */
	if (strncmp(state, "40", 2) == 0 && flight->next == NULL) {
		flight->failed = flight->again = true;
		return STORE_PGFLIGHT_FLYING;
	}
	if (is_passing(flight, state))
		return STORE_PGFLIGHT_PASSING;
	if (flight->preparing > 0)
		store_pgcache_forget(cache, flight->number);
	else
		blame(flight, state);
	return STORE_PGFLIGHT_FLYING;
}

static void
clear_result(void *owner)
{
	PQclear(owner);
}

static void
point_at_cells(struct store_result *result, PGresult *res)
{
	size_t n = 0;

	result->cells = calloc(result->rows * result->columns,
			       sizeof(*result->cells));
	ensure(result->cells != NULL);
	for (int row = 0; row < PQntuples(res); row++) {
		for (int column = 0; column < PQnfields(res); column++, n++) {
			if (!PQgetisnull(res, row, column))
				result->cells[n] = PQgetvalue(res, row,
							      column);
		}
	}
}

static void
keep_result(struct store_request *req, PGresult *res)
{
	struct store_result *result = calloc(1, sizeof(*result));

	ensure(result != NULL);
	result->rows = (size_t)PQntuples(res);
	result->columns = (size_t)PQnfields(res);
	result->owner = res;
	result->release = clear_result;
	if (result->rows * result->columns > 0)
		point_at_cells(result, res);
	store_result_free(&req->result);
	req->result = result;
}

/* What the transaction did is certain with its end alone. */
static enum store_pgflight_state
take_sync(struct store_pgflight *flight)
{
	if (flight->preparing > 0) {
		flight->preparing--;
		return STORE_PGFLIGHT_FLYING;
	}
	return flight->failed ? STORE_PGFLIGHT_FAILED : STORE_PGFLIGHT_DONE;
}

/* COPY leaves the connection waiting for data. */
static enum store_pgflight_state
refuse_copy(struct store_pgflight *flight)
{
	store_request_refuse(flight->req, NULL, "COPY is not possible here");
	snprintf(flight->why, sizeof(flight->why), "it was asked to COPY");
	return STORE_PGFLIGHT_BROKEN;
}

enum store_pgflight_state
store_pgflight_take(struct store_pgflight *flight,
		    struct store_pgcache *cache, PGresult *res)
{
	enum store_pgflight_state state = STORE_PGFLIGHT_FLYING;

	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		if (flight->preparing > 0 || flight->req == NULL)
			break;
		keep_result(flight->req, res);
		advance(flight);
		return state;
	case PGRES_PIPELINE_SYNC:
		state = take_sync(flight);
		break;
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_FATAL_ERROR:
		state = take_error(flight, cache, res);
		break;
	default:
		state = refuse_copy(flight);
	}
	PQclear(res);
	return state;
}
