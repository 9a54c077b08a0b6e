// SPDX-License-Identifier: GPL-2.0-only
/* The API's server: what it answers, and what it refuses with which status and words. */
#include "kvsd_http_server.h"

static void answers(void **state)
{
	const char *answer = ask("GET /v1/empty");

	expect(answer, 200, "\r\n\r\n{}");
	expect(answer, 200, "Content-Type: application/json\r\n");
	expect(answer, 200, "Connection: close\r\n");
	expect(post("/v1/things", "{\"name\": \"br0\", \"stp\": false}"), 201,
	       "\"fields\":{\"name\":\"br0\",\"stp\":false}");
	expect(post("/v1/things/br0/adopt", ""), 200, "\"arg\":\"br0\"");
	expect(post("/v1/things/br0/adopt", "{}"), 200, "\"fields\":{}");
}

static void refuses_unknown_paths_and_methods(void **state)
{
	expect(ask("GET /"), 404, "{\"error\":\"no '/' in this API");
	expect(ask("GET /v1/empty/"), 404, "error");
	expect(ask("GET /v1/things/br0/adopt/more"), 404, "error");
	expect(ask("GET /v1/things//adopt"), 404, "error");
	expect(ask("DELETE /v1/empty"), 405, "Allow: GET\r\n");
	expect(ask("PATCH /v1/query"), 405, "Allow: GET, DELETE\r\n");
	expect(ask("PATCH /v1/query"), 405, "'/v1/query' takes GET, DELETE, not PATCH");
	expect(ask("HEAD /v1/empty"), 405, "Allow: GET\r\n");
	expect(ask("GET /v1/things/br0/adopt"), 405, "Allow: POST\r\n");
	expect(ask("GET /\xff\xfe"), 404, "JSON cannot hold");
}

static void decodes_names(void **state)
{
	char longest[512] = "GET /v1/things/";

	expect(ask("GET /v1/things/tap%2F0%25"), 200, "\"arg\":\"tap/0%\"");
	expect(ask("GET /v1/things/caf%C3%a9"), 200, "\"arg\":\"caf\xc3\xa9\"");
	expect(ask("GET /v1/things/a+b"), 200, "\"arg\":\"a+b\"");
	expect(ask("GET /v1/things/x%"), 400, "bad character");
	expect(ask("GET /v1/things/x%4"), 400, "bad character");
	expect(ask("GET /v1/things/x%zz"), 400, "bad character");
	expect(ask("POST /v1/things/x%4/adopt"), 400, "bad character");
	expect(ask("GET /v1/things/x%00y"), 400, "bad character");
	expect(ask("GET /v1/things/x%0ay"), 400, "bad character");
	expect(ask("GET /v1/things/%ff"), 400, "not UTF-8");
	memset(longest + strlen(longest), 'n', HTTP_ARG_LEN - 1);
	expect(ask(longest), 200, "nnnnn\"");
	strcat(longest, "n");
	expect(ask(longest), 400, "longer than 127 bytes");
}

static void takes_queries(void **state)
{
	expect(ask("GET /v1/query?name=a%26b&ageing_s=30&stp=true"), 200,
	       "{\"name\":\"a&b\",\"ageing_s\":30,\"stp\":true}");
	expect(ask("DELETE /v1/query?name=00:11"), 200, "{\"name\":\"00:11\"}");
	expect(ask("GET /v1/query?nmae=x"), 400, "unknown key 'nmae': did you mean 'name'?");
	expect(ask("GET /v1/query"), 400, "key 'name' is missing");
	expect(ask("GET /v1/query?name"), 200, "{\"name\":\"\"}");
	expect(ask("GET /v1/query?name=x&ageing_s=5x"), 400, "'ageing_s' must be a whole number");
	expect(ask("GET /v1/query?name=x&stp=1"), 400, "'stp' must be true or false");
	expect(ask("GET /v1/query?name=x&name=y"), 400, "key 'name' is given twice");
	expect(ask("GET /v1/query?name=%f"), 400, "bad character");
	expect(ask("GET /v1/empty?x=y"), 400, "unknown key 'x': none is taken here");
	expect(post("/v1/things?name=x", "{\"name\": \"x\"}"), 400, "unknown key 'name'");
	expect(talk("GET /v1/empty HTTP/1.1\r\nHost: k\r\nContent-Length: 8\r\n\r\n{\"a\": 1}"),
	       400, "GET takes its arguments in the query");
}

static void takes_bodies(void **state)
{
	expect(post("/v1/things", "{\"name\":\n\"br0\",,}"), 400, "the body is not JSON: line 2: ");
	expect(post("/v1/things", "[1]"), 400, "must be a JSON object");
	expect(post("/v1/things", "7"), 400, "the body is not JSON");
	expect(post("/v1/things", "{\"name\": \"x\"} more"), 400, "the body is not JSON");
	expect(post("/v1/things", "{\"name\": \"x\", \"name\": \"y\"}"), 400, "duplicate");
	expect(post("/v1/things", "{\"nmae\": \"x\"}"), 400,
	       "unknown key 'nmae': did you mean 'name'?");
	expect(post("/v1/things", "{\"colour\": \"x\"}"), 400, "unknown key 'colour': see docs");
	expect(post("/v1/things", "{\"name\": 7}"), 400, "'name' must be a string");
	expect(post("/v1/things", "{\"name\": null}"), 400, "'name' must be a string");
	expect(post("/v1/things", "{\"name\": \"x\", \"stp\": 1}"), 400,
	       "'stp' must be true or false");
	expect(post("/v1/things", "{\"name\": \"x\", \"ageing_s\": 3000000000}"), 400,
	       "below 2^31");
	expect(post("/v1/things", "{\"name\": \"x\", \"ageing_s\": 1.5}"), 400, "whole number");
	expect(post("/v1/things", "{\"stp\": true}"), 400, "key 'name' is missing");
	expect(post("/v1/things", ""), 400, "key 'name' is missing");
	expect(post("/v1/things/br0/adopt", "{\"name\": \"x\"}"), 400, "none is taken here");
}

static void limits_bodies(void **state)
{
	_free_ char *body = calloc(1, 1 << 20);
	const char *start = "{\"name\": \"br0\"";
	char chunk[4096];
	int fd, sent;

	memset(body, ' ', HTTP_BODY_MAX);
	memcpy(body, start, strlen(start));
	body[HTTP_BODY_MAX - 1] = '}';
	expect(post("/v1/things", body), 201, "br0");
	memset(body + HTTP_BODY_MAX, ' ', 1);
	expect(post("/v1/things", body), 413, "the body is larger than 65536 bytes");
	memset(body, ' ', (1 << 20) - 1);
	expect(post("/v1/things", body), 413, "the body is larger");

	fd = dial();
	put(fd, "POST /v1/things HTTP/1.1\r\nHost: kvs\r\nContent-Length: 999999999\r\n\r\n");
	memset(chunk, ' ', sizeof(chunk));
	for (sent = 0; sent < 10000; sent++) {
		if (send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL) < 0)
			break;
	}
	assert_true(errno == EPIPE || errno == ECONNRESET);
	assert_in_range(sent * sizeof(chunk), 1 << 20, 4 << 20);
	close(fd);
}

static void tells_errors_by_status(void **state)
{
	static const struct {
		int code, status;
	} expected[] = {
		{ENOENT, 404}, {ENODEV, 404}, {EEXIST, 409}, {EBUSY, 409},    {EOPNOTSUPP, 409},
		{EINVAL, 400}, {ERANGE, 400}, {EPERM, 403},  {EACCES, 403},   {E2BIG, 413},
		{EIO, 500},    {ENOSYS, 500}, {ENOMEM, 500}, {EMSGSIZE, 413},
	};
	char url[64];

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		snprintf(url, sizeof(url), "GET /v1/error?text=why&code=%d", expected[i].code);
		expect(ask(url), expected[i].status, "\r\n\r\n{\"error\":\"why\"}");
	}
	expect(ask("GET /v1/error?code=16"), 409, "{\"error\":\"Device or resource busy\"}");
}

static int read_and_write(void)
{
	if (!is_answer(ask("GET /v1/empty"), 200, "{}"))
		return 1;
	if (!is_answer(ask("DELETE /v1/query?name=x"), 403,
		       "DELETE is for root, and this is uid 65534"))
		return 2;
	if (!is_answer(post("/v1/things", "{\"name\": \"x\"}"), 403, "as root or with sudo"))
		return 3;
	return is_answer(post("/v1/nothing", "{}"), 404, "error") ? 0 : 4;
}

static void lets_users_only_read(void **state)
{
	assert_int_equal(as_nobody(read_and_write), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(refuses_unknown_paths_and_methods),
		cmocka_unit_test(decodes_names),
		cmocka_unit_test(takes_queries),
		cmocka_unit_test(takes_bodies),
		cmocka_unit_test(limits_bodies),
		cmocka_unit_test(tells_errors_by_status),
		cmocka_unit_test(lets_users_only_read),
	};

	return run(tests, ARRAY_SIZE(tests));
}
