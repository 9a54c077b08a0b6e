// SPDX-License-Identifier: GPL-2.0-only
/* Requests to kvsd: HTTP over its unix socket. */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "http.h"
#include "util.h"

#define TIMEOUT_S 30

struct exchange {
	CURL *curl;
	char *socket;
	char *url;
	char *body; /* NULL: none */
	char *reply;
	size_t reply_len;
	char why[CURL_ERROR_SIZE];
};

static void exchange_free(struct exchange *x)
{
	curl_easy_cleanup(x->curl);
	free(x->socket);
	free(x->url);
	free(x->body);
	free(x->reply);
}

static int exchange_fill(struct exchange *x, const char *run_dir, const char *url,
			 const json_t *body)
{
	x->curl = curl_easy_init();
	if (!x->curl || asprintf(&x->socket, "%s/kvs.sock", run_dir) < 0)
		return -ENOMEM;
	if (!url || asprintf(&x->url, "http://kvs%s", url) < 0)
		return -ENOMEM;
	x->body = body ? json_dumps(body, JSON_COMPACT) : NULL;
	return body && !x->body ? -ENOMEM : 0;
}

static int no_kvsd(const struct exchange *x, struct err *err)
{
	return err_set(err, -ECONNREFUSED,
		       "kvsd is not running (no answer on %s): start it with 'systemctl start "
		       "kvsd' or 'kvsd --adopt BRIDGE'; to take a dead daemon's hooks off, run "
		       "'kvsd --release-all'",
		       x->socket);
}

static int explain(const struct exchange *x, CURLcode code, struct err *err)
{
	long os = 0;

	curl_easy_getinfo(x->curl, CURLINFO_OS_ERRNO, &os);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, -ETIMEDOUT, "kvsd did not answer within %d s on %s", TIMEOUT_S,
			       x->socket);
	if (code != CURLE_COULDNT_CONNECT)
		return err_set(err, -EIO, "no answer from kvsd on %s: %s", x->socket,
			       x->why[0] ? x->why : curl_easy_strerror(code));
	if (os == EACCES || os == EPERM)
		return err_set(
			err, -EACCES,
			"no permission to use %s: run kvs as root or as a member of group kvs",
			x->socket);
	return no_kvsd(x, err);
}

static void setup(struct exchange *x, const char *method, FILE *reply)
{
	curl_easy_setopt(x->curl, CURLOPT_UNIX_SOCKET_PATH, x->socket);
	curl_easy_setopt(x->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(x->curl, CURLOPT_URL, x->url);
	if (x->body || !strcmp(method, "POST"))
		curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, x->body ? x->body : "");
	curl_easy_setopt(x->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, reply);
	curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->why);
	curl_easy_setopt(x->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
}

static int perform(struct exchange *x, const char *method, struct err *err)
{
	FILE *reply = open_memstream(&x->reply, &x->reply_len);
	CURLcode code;

	if (!reply)
		return -ENOMEM;
	setup(x, method, reply);
	code = curl_easy_perform(x->curl);
	fclose(reply);
	return code ? explain(x, code, err) : 0;
}

static int refused(long status, const json_t *answer, struct err *err)
{
	const char *text = json_string_value(json_object_get(answer, "error"));

	if (text)
		return err_set(err, -EPERM, "%s", text);
	return err_set(err, -EPROTO, "kvsd refused with HTTP status %ld and gave no reason",
		       status);
}

static int judge(const struct exchange *x, json_t **out, struct err *err)
{
	_json_ json_t *answer = json_loadb(x->reply, x->reply_len, 0, NULL);
	long status = 0;

	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status / 100 != 2)
		return refused(status, answer, err);
	if (!json_is_object(answer))
		return err_set(err, -EPROTO, "what answers on %s is not kvsd: no JSON object",
			       x->socket);
	if (out)
		*out = json_incref(answer);
	return 0;
}

int http_request(const char *run_dir, const char *method, const char *url, const json_t *body,
		 json_t **answer, struct err *err)
{
	_cleanup_(exchange_free) struct exchange x = {};
	int r = exchange_fill(&x, run_dir, url, body);

	if (!r)
		r = perform(&x, method, err);
	return r ? r : judge(&x, answer, err);
}
