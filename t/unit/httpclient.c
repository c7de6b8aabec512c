#include "shared/httpclient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/database.h"
#include "t/lib/peer.h"
#include "t/lib/website.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define USUAL_MS 10000
#define LATE_MS 50
#define TURNS 10000		/* of up to 10 ms */
#define MAX_BYTES 1000

struct bed {
	uv_loop_t loop;
	uv_timer_t pulse;	/* so that no turn of the loop takes long */
	struct website *site;
	struct httpclient *client;
	struct str url;
};

/* What became of a request. */
struct outcome {
	int done;
	unsigned status;
	struct str body;
	struct error err;
};

static void
on_pulse(uv_timer_t *pulse)
{
	(void)pulse;
}

static void
serve(struct bed *bed, const struct website_plan *plan)
{
	bed->site = website_new(plan);
	str_clear(&bed->url);
	str_addf(&bed->url, "%s://localhost:%u/judge",
		 plan->cert != NULL ? "https" : "http",
		 website_port(bed->site));
}

static void
make_client(struct bed *bed, const struct httpclient_plan *plan)
{
	httpclient_free(&bed->client);
	bed->client = httpclient_new(&bed->loop, plan);
}

static const struct httpclient_plan plain = {
	.ca = "", .cert = "", .key = "", .in_flight = 2,
};

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	uv_loop_init(&bed->loop);
	uv_timer_init(&bed->loop, &bed->pulse);
	uv_timer_start(&bed->pulse, on_pulse, 10, 10);
	serve(bed, &(struct website_plan){ .cert = NULL });
	make_client(bed, &plain);
	*state = bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;
	int ret;

	httpclient_free(&bed->client);
	website_free(&bed->site);
	uv_close((uv_handle_t *)&bed->pulse, NULL);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	ret = uv_loop_close(&bed->loop);
	str_fini(&bed->url);
	free(bed);
	return ret;
}

static void
on_done(void *ctx, const struct httpclient_answer *answer,
	const struct error *err)
{
	struct outcome *outcome = ctx;

	assert_true((answer == NULL) != (err == NULL));
	outcome->done++;
	if (err != NULL) {
		outcome->err = *err;
		return;
	}
	outcome->status = answer->status;
	assert_int_equal(strlen(answer->body), answer->len);
	str_clear(&outcome->body);
	str_addz(&outcome->body, answer->body);
}

static struct httpclient_call *
post_late(struct bed *bed, const char *body, unsigned ms,
	  struct outcome *outcome)
{
	static const char *const headers[] = {
		"Content-Type: application/json", NULL
	};
	const struct httpclient_request request = {
		.url = bed->url.data, .headers = headers, .body = body,
		.len = strlen(body), .timeout_ms = ms,
		.max_bytes = MAX_BYTES,
	};
	struct httpclient_call *call;

	call = httpclient_post(bed->client, &request, on_done, outcome);
	assert_int_equal(outcome->done, 0);
	return call;
}

static struct httpclient_call *
post(struct bed *bed, const char *body, struct outcome *outcome)
{
	return post_late(bed, body, USUAL_MS, outcome);
}

static void
wait(struct bed *bed, const struct outcome *outcome)
{
	for (int i = 0; i < TURNS && outcome->done == 0; i++)
		uv_run(&bed->loop, UV_RUN_ONCE);
	assert_int_equal(outcome->done, 1);
}

static void
wait_requests(struct bed *bed, unsigned wanted)
{
	for (int i = 0; i < TURNS && website_requests(bed->site) < wanted;
	     i++)
		uv_run(&bed->loop, UV_RUN_ONCE);
	assert_int_equal(website_requests(bed->site), wanted);
}

static void
expect(struct bed *bed, struct outcome *outcome, unsigned status,
       const char *body)
{
	wait(bed, outcome);
	assert_string_equal(outcome->err.text, "");
	assert_int_equal(outcome->status, status);
	assert_string_equal(outcome->body.data, body);
	str_fini(&outcome->body);
}

static void
expect_error(struct bed *bed, const struct outcome *outcome,
	     enum error_cond cond)
{
	wait(bed, outcome);
	assert_int_equal(outcome->err.cond, cond);
	assert_string_not_equal(outcome->err.text, "");
}

static void
gets_an_answer(void **state)
{
	struct bed *bed = *state;
	struct outcome first = { 0 }, second = { 0 };

	post(bed, "{\"a\": 1}", &first);
	expect(bed, &first, 200, "{\"a\": 1}");
	assert_true(website_heard(bed->site, "Content-Type",
				  "application/json"));
	website_answers(bed->site, 503, "");
	post(bed, "", &second);
	expect(bed, &second, 503, "");
}

static void
fetches_what_is_there(void **state)
{
	struct bed *bed = *state;
	const struct httpclient_request request = {
		.url = bed->url.data, .timeout_ms = USUAL_MS,
		.max_bytes = MAX_BYTES,
	};
	struct outcome outcome = { 0 };

	website_answers(bed->site, 200, "fine");
	httpclient_get(bed->client, &request, on_done, &outcome);
	expect(bed, &outcome, 200, "fine");
	assert_true(website_heard(bed->site, "request", "GET /judge"));
}

static void
keeps_its_connection(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 5; i++) {
		struct outcome outcome = { 0 };

		post(bed, "x", &outcome);
		expect(bed, &outcome, 200, "x");
	}
	assert_int_equal(website_connections(bed->site), 1);
}

static void
sends_no_more_than_it_may(void **state)
{
	struct bed *bed = *state;
	struct outcome outcomes[6] = { { 0 } };

	website_hush(bed->site, true);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		post(bed, "x", &outcomes[i]);
	wait_requests(bed, 2);
	website_hush(bed->site, false);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		expect(bed, &outcomes[i], 200, "x");
	assert_int_equal(website_requests(bed->site), ARRAY_LEN(outcomes));
	assert_int_equal(website_waited(bed->site), 2);
	assert_int_equal(website_connections(bed->site), 2);
}

/* Those that wait for their turn as well. */
static void
gives_up_in_time(void **state)
{
	struct bed *bed = *state;
	struct outcome outcomes[4] = { { 0 } }, last = { 0 };

	website_hush(bed->site, true);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		post_late(bed, "x", LATE_MS, &outcomes[i]);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		expect_error(bed, &outcomes[i], ERROR_REMOTE_SERVER_TIMEOUT);
	website_hush(bed->site, false);
	post(bed, "y", &last);
	expect(bed, &last, 200, "y");
}

static void
refuses_large_answers(void **state)
{
	struct bed *bed = *state;
	struct outcome fits = { 0 }, large = { 0 };
	char text[MAX_BYTES + 2];

	memset(text, 'x', sizeof(text) - 1);
	text[MAX_BYTES] = '\0';
	post(bed, text, &fits);
	expect(bed, &fits, 200, text);
	text[MAX_BYTES] = 'x';
	text[MAX_BYTES + 1] = '\0';
	post(bed, text, &large);
	expect_error(bed, &large, ERROR_POLICY_VIOLATION);
}

static void
tells_nobody_after_cancelling(void **state)
{
	struct bed *bed = *state;
	struct outcome outcomes[4] = { { 0 } };
	struct httpclient_call *calls[4];

	website_hush(bed->site, true);
	for (size_t i = 0; i < 4; i++)
		calls[i] = post(bed, "x", &outcomes[i]);
	wait_requests(bed, 2);
	httpclient_cancel(&calls[0]);
	httpclient_cancel(&calls[2]);
	assert_null(calls[0]);
	httpclient_cancel(&calls[0]);
	wait_requests(bed, 3);
	website_hush(bed->site, false);
	expect(bed, &outcomes[1], 200, "x");
	expect(bed, &outcomes[3], 200, "x");
	assert_int_equal(outcomes[0].done + outcomes[2].done, 0);
}

static void
ends_with_requests_under_way(void **state)
{
	struct bed *bed = *state;
	struct outcome outcomes[3] = { { 0 } };

	website_hush(bed->site, true);
	for (size_t i = 0; i < 3; i++)
		post(bed, "x", &outcomes[i]);
	wait_requests(bed, 2);
	httpclient_free(&bed->client);
	assert_null(bed->client);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(outcomes[i].done, 0);
}

/* From within, as those do who try another server. */
static void
on_again(void *ctx, const struct httpclient_answer *answer,
	 const struct error *err)
{
	struct bed *bed = ctx;
	static struct outcome outcome;

	assert_non_null(answer);
	assert_null(err);
	outcome = (struct outcome){ .done = 0 };
	post(bed, "again", &outcome);
}

static void
may_be_asked_from_within(void **state)
{
	struct bed *bed = *state;
	const struct httpclient_request request = {
		.url = bed->url.data, .body = "x", .len = 1,
		.timeout_ms = USUAL_MS, .max_bytes = 1,
	};

	httpclient_post(bed->client, &request, on_again, bed);
	wait_requests(bed, 2);
}

/* What a peer sends in place of an answer, before it hangs up. */
static const char *const nonsense[] = {
	"",
	"nonsense\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
};

static void
says_that_a_server_fails(void **state)
{
	struct bed *bed = *state;
	struct outcome refused = { 0 };
	struct peer peer;

	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		struct outcome outcome = { 0 };

		peer_init(&peer, &bed->loop);
		str_clear(&bed->url);
		str_addf(&bed->url, "http://127.0.0.1:%u/", peer.port);
		post(bed, "x", &outcome);
		peer_accept(&peer);
		peer_expect(&peer, "\r\n\r\nx");
		peer_send(&peer, nonsense[i]);
		peer_hang_up(&peer);
		expect_error(bed, &outcome, ERROR_REMOTE_SERVER_NOT_FOUND);
		peer_fini(&peer);
	}
	post(bed, "x", &refused);
	expect_error(bed, &refused, ERROR_REMOTE_SERVER_NOT_FOUND);
}

static void
follows_nobody_elsewhere(void **state)
{
	struct bed *bed = *state;
	struct outcome outcome = { 0 };
	struct str here = bed->url, answer = { 0 };
	struct peer peer;

	peer_init(&peer, &bed->loop);
	bed->url = (struct str){ 0 };
	str_addf(&bed->url, "http://127.0.0.1:%u/", peer.port);
	post(bed, "x", &outcome);
	peer_accept(&peer);
	peer_expect(&peer, "\r\n\r\nx");
	str_addf(&answer, "HTTP/1.1 307 Elsewhere\r\nLocation: %s\r\n"
		 "Content-Length: 0\r\n\r\n", here.data);
	peer_send(&peer, answer.data);
	expect(bed, &outcome, 307, "");
	assert_int_equal(website_requests(bed->site), 0);
	str_fini(&answer);
	str_fini(&here);
	peer_fini(&peer);
}

static const char *
name_file(const char *name, const char *kind, char path[300])
{
	if (name == NULL)
		return "";
	snprintf(path, 300, "%s/%s.%s", database_folder(), name, kind);
	return path;
}

/* The site's certificate is "server". */
static const struct {
	const char *ca;		/* NULL: the system's */
	bool good;
} secured[] = {
	{ "server", true },
	{ "other", false },
	{ NULL, false },
};

static void
knows_whom_it_speaks_to(void **state)
{
	struct bed *bed = *state;
	char *cert = website_read(database_folder(), "server.crt");
	char *key = website_read(database_folder(), "server.key");

	website_free(&bed->site);
	serve(bed, &(struct website_plan){ .cert = cert, .key = key });
	for (size_t i = 0; i < ARRAY_LEN(secured); i++) {
		struct httpclient_plan plan = plain;
		struct outcome outcome = { 0 };
		char path[300];

		plan.ca = name_file(secured[i].ca, "crt", path);
		make_client(bed, &plan);
		post(bed, "x", &outcome);
		if (secured[i].good)
			expect(bed, &outcome, 200, "x");
		else
			expect_error(bed, &outcome,
				     ERROR_REMOTE_SERVER_NOT_FOUND);
	}
	free(cert);
	free(key);
}

static const struct {
	const char *url;
	bool good, exposed;
} urls[] = {
	{ "https://policy.example/judge", true, false },
	{ "http://127.0.0.1:8080", true, false },
	{ "http://[::1]/", true, false },
	{ "HTTP://LOCALHOST/", true, false },
	{ "http://policy.example/", true, true },
	{ "http://localhost.example/", true, true },
	{ "http://127.example/", true, true },
	{ "http://192.0.2.1/", true, true },
	{ "", false, false },
	{ "policy.example", false, false },
	{ "ftp://policy.example/", false, false },
	{ "file:///etc/passwd", false, false },
	{ "https://", false, false },
	{ "https://me:word@policy.example/", false, false },
	{ "https://policy.example:99999/", false, false },
};

static void
tells_urls_from_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct error err = { 0 };

		assert_int_equal(httpclient_check_url(urls[i].url, &err),
				 urls[i].good ? 0 : -1);
		assert_int_equal(httpclient_is_exposed(urls[i].url),
				 urls[i].exposed);
	}
}

static void
sees_what_files_are_there(void **state)
{
	char crt[300], key[300];
	struct httpclient_plan plan = { .ca = "", .cert = "", .key = "" };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(httpclient_check(&plan, &err), 0);
	plan.cert = name_file("client", "crt", crt);
	assert_int_equal(httpclient_check(&plan, &err), -1);
	plan.key = name_file("client", "key", key);
	assert_int_equal(httpclient_check(&plan, &err), 0);
	plan.ca = "/nonexistent";
	assert_int_equal(httpclient_check(&plan, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent"));
}

static int
certify(void **state)
{
	(void)state;
	if (database_folder_new() < 0)
		return -1;
	website_certify(database_folder(), "server");
	website_certify(database_folder(), "client");
	website_certify(database_folder(), "other");
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gets_an_answer),
		TEST(fetches_what_is_there),
		TEST(keeps_its_connection),
		TEST(sends_no_more_than_it_may),
		TEST(gives_up_in_time),
		TEST(refuses_large_answers),
		TEST(tells_nobody_after_cancelling),
		TEST(ends_with_requests_under_way),
		TEST(may_be_asked_from_within),
		TEST(says_that_a_server_fails),
		TEST(follows_nobody_elsewhere),
		TEST(knows_whom_it_speaks_to),
		cmocka_unit_test(tells_urls_from_others),
		cmocka_unit_test(sees_what_files_are_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("httpclient", tests, certify,
					   database_teardown);
}
