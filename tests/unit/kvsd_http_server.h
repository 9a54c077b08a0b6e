/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of the API's server: one in a child process, and raw requests to it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "http.h"
#include "util.h"

#define NOBODY 65534
#define BIG    (4 << 20)

static char dir[] = "/tmp/kvs-http-XXXXXX";
static char sock[64];
static pid_t server;

/* Answers with what it was given. */
static inline int echo(struct http_request *rq, json_t **answer, struct err *err)
{
	*answer = json_pack("{ss ss sO}", "method", rq->method, "arg", rq->arg[0], "fields",
			    rq->fields);
	return 0;
}

static inline int empty(struct http_request *rq, json_t **answer, struct err *err)
{
	return 0;
}

static inline int refuse(struct http_request *rq, json_t **answer, struct err *err)
{
	int code = http_int(rq, "code", 0);

	*answer = json_pack("{ss}", "must not", "be seen");
	return http_string(rq, "text") ? err_set(err, -code, "%s", http_string(rq, "text")) : -code;
}

static inline int big(struct http_request *rq, json_t **answer, struct err *err)
{
	_free_ char *text = calloc(1, BIG + 1);

	memset(text, 'x', BIG);
	*answer = json_pack("{ss}", "big", text);
	return 0;
}

static const struct http_field fields[] = {
	{"name", HTTP_STRING, true},
	{"stp", HTTP_BOOL, false},
	{"ageing_s", HTTP_INT, false},
	{},
};

static const struct http_field error_fields[] = {
	{"code", HTTP_INT, true},
	{"text", HTTP_STRING, false},
	{},
};

static const struct http_route routes[] = {
	{"GET", "/v1/empty", .fn = empty},
	{"GET", "/v1/big", .fn = big},
	{"GET", "/v1/error", .fn = refuse, .fields = error_fields},
	{"GET", "/v1/query", .fn = echo, .fields = fields},
	{"DELETE", "/v1/query", .fn = echo, .fields = fields},
	{"GET", "/v1/things/{}", .fn = echo},
	{"POST", "/v1/things/{}/adopt", .fn = echo},
	{"POST", "/v1/things", .fn = echo, .fields = fields, .success = 201},
};

static inline int on_term(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	return sd_event_exit(arg, 0);
}

static inline int serve(int ready)
{
	sd_event *event = NULL;
	struct http *http;
	struct err err;
	sigset_t mask;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	sd_event_new(&event);
	sd_event_add_signal(event, NULL, SIGTERM, on_term, event);
	if (http_start(event, sock, routes, ARRAY_SIZE(routes), NULL, &http, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (write(ready, "", 1) == 1)
		sd_event_loop(event);
	http_stop(http);
	sd_event_unref(event);
	return access(sock, F_OK) ? 0 : 1; /* the socket file must be gone */
}

static inline int server_start(void **state)
{
	int ready[2];
	char c;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(sock, sizeof(sock), "%s/kvs.sock", dir);
	assert_int_equal(pipe(ready), 0);
	fflush(NULL);
	server = fork();
	if (!server)
		exit(serve(ready[1]));
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return 0;
}

static inline int server_stop(void **state)
{
	int status;

	kill(server, SIGTERM);
	waitpid(server, &status, 0);
	rmdir(dir);
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static inline int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, sock);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Everything up to the end; the caller's next call overwrites it. */
static inline const char *get(int fd)
{
	static char text[BIG + 4096];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - len - 1)) > 0)
		len += n;
	text[len] = '\0';
	close(fd);
	return text;
}

static inline const char *talk(const char *request)
{
	int fd = dial();

	assert_true(fd >= 0);
	put(fd, request);
	return get(fd);
}

static inline const char *ask(const char *method_and_url)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: kvs\r\n\r\n", method_and_url);
	return talk(text);
}

static inline const char *post(const char *url, const char *body)
{
	_free_ char *text = NULL;

	if (asprintf(&text, "POST %s HTTP/1.1\r\nHost: kvs\r\nContent-Length: %zu\r\n\r\n%s", url,
		     strlen(body), body) < 0)
		return NULL;
	return talk(text);
}

static inline bool is_answer(const char *answer, int status, const char *part)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	return !strncmp(answer, line, strlen(line)) && strstr(answer, part);
}

static inline void expect(const char *answer, int status, const char *part)
{
	if (!is_answer(answer, status, part))
		fail_msg("wanted %d with '%s', got: %s", status, part, answer);
}

/* What part does in a child with another uid: its exit status. It cannot use assert. */
static inline int as_nobody(int (*part)(void))
{
	int status;
	pid_t pid;

	assert_int_equal(chmod(sock, 0666), 0);
	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(setgid(NOBODY) || setuid(NOBODY) ? 99 : part());
	waitpid(pid, &status, 0);
	assert_int_equal(chmod(sock, 0660), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static inline int run(const struct CMUnitTest *tests, size_t n)
{
	if (geteuid()) {
		puts("1..0 # SKIP the server answers root only in full: run this as root");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("tests", tests, n, server_start, server_stop);
}
