/* SPDX-License-Identifier: GPL-2.0-only */
/* A kvsd that answers every request alike, and a run of kvs against it. */
#pragma once

#include <microhttpd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

#include "cli.h"
#include "util.h"

#define FAKE_WORDS_MAX 16

/* Answers every request alike, and notes them: a line each, "METHOD URL BODY". */
struct server {
	struct MHD_Daemon *daemon;
	char folder[32];
	char log[512];
	unsigned int status;
	const char *answer;
};

static inline void note(struct server *server, const char *text, size_t n)
{
	size_t len = strlen(server->log);

	snprintf(server->log + len, sizeof(server->log) - len, "%.*s", (int)n, text);
}

static inline void *on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
	return strdup(uri);
}

static inline enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
					 const char *url, const char *method, const char *version,
					 const char *data, size_t *n, void **state)
{
	struct server *server = arg;
	struct MHD_Response *reply;
	enum MHD_Result result;
	char *uri = *state;

	if (uri) {
		note(server, method, strlen(method));
		note(server, " ", 1);
		note(server, uri, strlen(uri));
		free(uri);
		*state = NULL;
		return MHD_YES;
	}
	if (*n) {
		note(server, " ", 1);
		note(server, data, *n);
		*n = 0;
		return MHD_YES;
	}
	note(server, "\n", 1);
	reply = MHD_create_response_from_buffer(strlen(server->answer), (void *)server->answer,
						MHD_RESPMEM_MUST_COPY);
	result = MHD_queue_response(connection, server->status, reply);
	MHD_destroy_response(reply);
	return result;
}

static inline int bind_socket(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/kvs.sock", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline int enter_folder(void **state)
{
	struct server *server = calloc(1, sizeof(*server));

	strcpy(server->folder, "/tmp/kvs_request.XXXXXX");
	*state = server;
	return mkdtemp(server->folder) ? 0 : -1;
}

static inline int leave_folder(void **state)
{
	struct server *server = *state;
	_free_ char *path = NULL;
	int r;

	assert_true(asprintf(&path, "%s/kvs.sock", server->folder) > 0);
	unlink(path);
	r = rmdir(server->folder);
	free(server);
	return r;
}

static inline int start(void **state)
{
	struct server *server;
	int fd;

	if (enter_folder(state))
		return -1;
	server = *state;
	fd = bind_socket(server->folder);
	listen(fd, 8);
	server->daemon =
		MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, server,
				 MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
				 server, MHD_OPTION_END);
	return server->daemon ? 0 : -1;
}

static inline int stop(void **state)
{
	struct server *server = *state;

	MHD_stop_daemon(server->daemon);
	return leave_folder(state);
}

struct run {
	char *out, *log;
	int code;
};

static inline void run_free(struct run *run)
{
	free(run->out);
	free(run->log);
}

#define _run_ _cleanup_(run_free)

/* Runs kvs with the words of text. */
static inline void run_kvs(struct run *run, const char *folder, const char *text)
{
	_free_ char *copy = strdup(text);
	char *words[FAKE_WORDS_MAX], *rest = copy;
	struct cli cli = {.run_dir = folder};
	size_t len;
	int n = 0;

	for (char *w; (w = strsep(&rest, " "));)
		if (*w)
			words[n++] = w;
	cli.out = open_memstream(&run->out, &len);
	cli.log = open_memstream(&run->log, &len);
	run->code = cli_run(&cli, n, words);
	fclose(cli.out);
	fclose(cli.log);
}

static inline void answer_with(struct server *server, unsigned int status, const char *answer)
{
	server->status = status;
	server->answer = answer;
	server->log[0] = '\0';
}

#define with_server(test)    cmocka_unit_test_setup_teardown(test, start, stop)
#define without_server(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
