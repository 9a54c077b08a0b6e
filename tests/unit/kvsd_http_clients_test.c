// SPDX-License-Identifier: GPL-2.0-only
/* The API's server and clients that are many, slow, silent or gone; its socket; its sleep. */
#include "kvsd_http_server.h"

#define SLOTS      32 /* as in http.c */
#define SLOTS_USER 16

/* Whether the other end is closed within ms. */
static bool is_closed(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char c;

	return poll(&p, 1, ms) == 1 && read(fd, &c, 1) <= 0;
}

static int hold_many(void)
{
	int fd[SLOTS_USER + 4], refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = dial();
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		refused += is_closed(fd[i], i < SLOTS_USER ? 0 : 1000);
	return refused;
}

static void keeps_room_for_root(void **state)
{
	assert_int_equal(as_nobody(hold_many), 4);
}

/* All slots taken by clients that say nothing, half a request, or a byte now and then: those who
 * came before are served at once, those who come after when the time of the silent ones is up.
 */
static void ends_silent_clients(void **state)
{
	static const char *const says[] = {"", "GET /v1/em",
					   "POST /v1/things HTTP/1.1\r\nHost: k\r\n"
					   "Content-Length: 9\r\n\r\n{"};
	int fd[SLOTS], last;
	double start = now();

	for (size_t i = 0; i < SLOTS - 1; i++) {
		fd[i] = dial();
		put(fd[i], says[i % ARRAY_SIZE(says)]);
	}
	for (int i = 0; i < 20; i++)
		expect(ask("GET /v1/empty"), 200, "{}");
	assert_true(now() - start < 2);
	fd[SLOTS - 1] = dial();
	last = dial();
	for (int i = 0; i < 40 && !is_closed(fd[0], 0); i++) {
		send(fd[1], "p", 1, MSG_NOSIGNAL);
		usleep(250000);
	}
	assert_true(now() - start > 8);
	assert_true(is_closed(fd[1], 3000));
	assert_true(now() - start < 14);
	put(last, "GET /v1/empty HTTP/1.1\r\nHost: kvs\r\n\r\n");
	expect(get(last), 200, "{}");
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

static void serves_more_clients_than_slots(void **state)
{
	int fd[3 * SLOTS];
	double start = now();

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = dial();
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		put(fd[i], "GET /v1/empty HTTP/1.1\r\nHost: kvs\r\n\r\n");
	for (size_t i = ARRAY_SIZE(fd); i--;)
		expect(get(fd[i]), 200, "{}");
	assert_true(now() - start < 2);
}

/* With every slot taken the library stops listening: it must begin again as soon as one is free. */
static void listens_again(void **state)
{
	int fd[SLOTS], last;
	double start = now();

	for (size_t i = 0; i < SLOTS; i++)
		fd[i] = dial();
	last = dial();
	put(last, "GET /v1/empty HTTP/1.1\r\nHost: kvs\r\n\r\n");
	assert_false(is_closed(last, 200));
	close(fd[0]);
	expect(get(last), 200, "{}");
	assert_true(now() - start < 2);
	for (size_t i = 1; i < SLOTS; i++)
		close(fd[i]);
}

static void waits_for_slow_readers_of_big_answers(void **state)
{
	double start = now();
	int slow = dial(), gone = dial();

	put(slow, "GET /v1/big HTTP/1.1\r\nHost: kvs\r\n\r\n");
	put(gone, "GET /v1/big HTTP/1.1\r\nHost: kvs\r\n\r\n");
	assert_false(is_closed(gone, 1000));
	close(gone);
	for (int i = 0; i < 10; i++)
		expect(ask("GET /v1/empty"), 200, "{}");
	assert_true(now() - start < 2);
	assert_true(strlen(get(slow)) > BIG);
}

static void survives_nonsense(void **state)
{
	static char url[65536];
	int fd;

	assert_string_equal(talk("hello\r\n\r\n"), "");
	assert_non_null(strstr(talk("GET /v1/empty\r\n\r\n"), "400 Bad Request"));
	memset(url, 'h', sizeof(url) - 1);
	memcpy(url, "GET /", 5);
	for (int i = 0; i < 2 * SLOTS; i++) {
		fd = dial();
		assert_true(send(fd, url, sizeof(url), MSG_NOSIGNAL | MSG_DONTWAIT) > 0);
		close(fd);
	}
	expect(ask("GET /v1/empty"), 200, "{}");
	fd = dial();
	put(fd, url);
	assert_non_null(strstr(get(fd), "414"));
}

static int http_in(sd_event *event, const char *path, struct http **http, struct err *err)
{
	return http_start(event, path, routes, ARRAY_SIZE(routes), NULL, http, err);
}

static void owns_its_socket_file(void **state)
{
	sd_event *event = NULL;
	struct http *http = NULL;
	struct err err = {""};
	char path[200], saved[64];
	struct stat st;
	FILE *f;

	sd_event_new(&event);
	snprintf(path, sizeof(path), "%s/other", dir);
	f = fopen(path, "w");
	fclose(f);
	assert_int_equal(http_in(event, path, &http, &err), -EEXIST);
	assert_non_null(strstr(err.text, "is no socket"));
	unlink(path);

	strcpy(saved, sock);
	strcpy(sock, path);
	umask(0);
	assert_int_equal(mknod(path, S_IFSOCK | 0777, 0), 0);
	assert_int_equal(http_in(event, path, &http, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	http_stop(http);
	assert_int_equal(dial(), -1);
	assert_int_equal(stat(path, &st), -1);
	strcpy(sock, saved);

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(http_in(event, path, &http, &err), -ENAMETOOLONG);
	snprintf(path, sizeof(path), "%s/none/kvs.sock", dir);
	assert_int_equal(http_in(event, path, &http, &err), -ENOENT);
	assert_non_null(strstr(err.text, "cannot be made: No such file"));
	http_stop(NULL);
	sd_event_unref(event);
}

/* Wake-ups of the loop within ms. */
static int wakes(sd_event *event, int ms)
{
	double end = now() + ms / 1e3;
	int n = 0;

	while (now() < end)
		n += sd_event_run(event, (end - now()) * 1e6) > 0;
	return n;
}

static void sleeps_when_idle(void **state)
{
	sd_event *event = NULL;
	struct http *http = NULL;
	char saved[64];
	int fd;

	sd_event_new(&event);
	strcpy(saved, sock);
	strcat(sock, "2");
	assert_int_equal(http_in(event, sock, &http, NULL), 0);
	wakes(event, 50);
	assert_int_equal(wakes(event, 500), 0);
	fd = dial();
	assert_in_range(wakes(event, 200), 1, 5);
	assert_int_equal(wakes(event, 500), 0);
	put(fd, "GET /v1/empty HTTP/1.1\r\nHost: kvs\r\n\r\n");
	assert_in_range(wakes(event, 200), 1, 9);
	expect(get(fd), 200, "{}");
	assert_in_range(wakes(event, 200), 0, 3);
	assert_int_equal(wakes(event, 500), 0);
	fd = dial(); /* stopped with a client in a slot */
	wakes(event, 50);
	http_stop(http);
	close(fd);
	strcpy(sock, saved);
	sd_event_unref(event);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_room_for_root),
		cmocka_unit_test(serves_more_clients_than_slots),
		cmocka_unit_test(listens_again),
		cmocka_unit_test(ends_silent_clients),
		cmocka_unit_test(waits_for_slow_readers_of_big_answers),
		cmocka_unit_test(survives_nonsense),
		cmocka_unit_test(owns_its_socket_file),
		cmocka_unit_test(sleeps_when_idle),
	};

	return run(tests, ARRAY_SIZE(tests));
}
