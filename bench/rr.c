// SPDX-License-Identifier: GPL-2.0-only
/* Sockets at both ends: requests and responses, one at a time, and how long they take; and streams.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define SAMPLES_MAX (1 << 22)
#define BYTES_MAX   65536
#define STREAM_LEN  (128 << 10)
#define PATIENCE_US 50000 /* then a datagram, or its answer, is lost */

static const char usage[] =
	"rr serve [--udp] [--port N]: answer every byte\n"
	"rr ask ADDRESS [--udp] [--port N] [--size BYTES] [--after S] [--seconds S]: ask, and print\n"
	"   how many were answered and lost, and percentiles of the time in us, as JSON\n"
	"rr take [--port N] [--after S] [--seconds S]: print how many bytes a stream brings, as JSON\n"
	"rr give ADDRESS [--port N]: the stream, until the other end has enough\n";

struct options {
	struct sockaddr_in address;
	double after, seconds;
	size_t size;
	bool is_udp;
};

struct samples {
	uint32_t *ns;
	size_t n, lost;
	double seconds;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int socket_make(const struct options *options)
{
	struct timeval patience = {.tv_usec = PATIENCE_US};
	int fd = socket(AF_INET, options->is_udp ? SOCK_DGRAM : SOCK_STREAM, 0), yes = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (options->is_udp)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	else
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

/* --- the one that answers */

static void answer_stream(int fd)
{
	uint8_t buf[BYTES_MAX];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, n, MSG_NOSIGNAL) != n)
			return;
}

static void answer_datagrams(int fd)
{
	struct sockaddr_in from;
	uint8_t buf[BYTES_MAX];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len);

		if (n > 0)
			(void)!sendto(fd, buf, n, 0, (void *)&from, len);
	}
}

static int socket_serve(const struct options *options)
{
	int fd = socket_make(options);

	if (fd < 0)
		return fd;
	if (bind(fd, (const void *)&options->address, sizeof(options->address)))
		return -errno;
	return options->is_udp || !listen(fd, 1) ? fd : -errno;
}

static int serve(const struct options *options)
{
	int fd = socket_serve(options), client;

	if (fd < 0)
		return fd;
	if (options->is_udp)
		answer_datagrams(fd);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		int yes = 1;

		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		answer_stream(client);
		close(client);
	}
	return -errno;
}

/* --- the one that asks */

/* 1 when answered, 0 when lost. A late answer to an earlier request counts as none. */
static int request(int fd, uint8_t *buf, size_t size, uint32_t number)
{
	uint32_t echoed = ~number;
	size_t got = 0;
	ssize_t n;

	memcpy(buf, &number, sizeof(number));
	if (send(fd, buf, size, MSG_NOSIGNAL) != (ssize_t)size)
		return errno == EAGAIN ? 0 : -errno;
	while (got < size || echoed != number) {
		if (got == size)
			got = 0;
		n = recv(fd, buf + got, size - got, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN ? 0 : -EPIPE;
		got += n;
		if (got >= sizeof(echoed))
			memcpy(&echoed, buf, sizeof(echoed));
	}
	return 1;
}

static int requests(int fd, const struct options *options, struct samples *samples)
{
	double start = now() + options->after, end = start + options->seconds, before, after;
	uint8_t buf[BYTES_MAX] = {};
	uint32_t number = 0;
	int answered;

	for (before = now(); before < end && samples->n < SAMPLES_MAX; before = now()) {
		answered = request(fd, buf, options->size, number++);
		if (answered < 0)
			return answered;
		after = now();
		if (before < start)
			continue;
		if (answered)
			samples->ns[samples->n++] = (after - before) * 1e9;
		else
			samples->lost++;
	}
	samples->seconds = now() - start;
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double percentile(const struct samples *samples, double share)
{
	return samples->n ? samples->ns[(size_t)((samples->n - 1) * share)] / 1e3 : 0;
}

static void print(const struct samples *samples)
{
	qsort(samples->ns, samples->n, sizeof(*samples->ns), compare);
	printf("{\"answered\": %zu, \"lost\": %zu, \"seconds\": %.6f, \"p50\": %.2f, \"p99\": %.2f, "
	       "\"p999\": %.2f, \"max\": %.2f}\n",
	       samples->n, samples->lost, samples->seconds, percentile(samples, 0.5),
	       percentile(samples, 0.99), percentile(samples, 0.999), percentile(samples, 1));
}

static int ask(const struct options *options)
{
	_free_ uint32_t *ns = malloc(SAMPLES_MAX * sizeof(*ns));
	struct samples samples = {.ns = ns};
	_close_ int fd = socket_make(options);
	int err;

	if (!ns)
		return -ENOMEM;
	if (fd < 0)
		return fd;
	memset(ns, 1, SAMPLES_MAX * sizeof(*ns)); /* no page fault is to be measured */
	if (connect(fd, (const void *)&options->address, sizeof(options->address)))
		return -errno;
	err = requests(fd, options, &samples);
	if (!err)
		print(&samples);
	return err;
}

/* --- streams */

/* What arrives until then, in bytes. */
static ssize_t take_until(int fd, double end)
{
	static uint8_t buf[STREAM_LEN];
	ssize_t n, sum = 0;

	while (now() < end) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		sum += n;
	}
	return sum;
}

static int take(const struct options *options)
{
	int listener = socket_serve(options),
	    fd = listener < 0 ? listener : accept(listener, NULL, NULL);
	double start = now() + options->after;
	ssize_t n;

	if (fd < 0)
		return listener < 0 ? listener : -errno;
	n = take_until(fd, start);
	start = now();
	if (n >= 0)
		n = take_until(fd, start + options->seconds);
	if (n >= 0)
		printf("{\"bytes\": %zd, \"seconds\": %.6f}\n", n, now() - start);
	return n < 0 ? n : 0;
}

static int give(const struct options *options)
{
	static uint8_t buf[STREAM_LEN];
	_close_ int fd = socket_make(options);

	if (fd < 0)
		return fd;
	if (connect(fd, (const void *)&options->address, sizeof(options->address)))
		return -errno;
	while (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
		;
	return 0;
}

static int set_option(struct options *options, int option)
{
	switch (option) {
	case 'u':
		options->is_udp = true;
		return 0;
	case 'p':
		options->address.sin_port = htons(strtoul(optarg, NULL, 10));
		return 0;
	case 'l':
		options->size = strtoul(optarg, NULL, 10);
		return options->size < sizeof(uint32_t) || options->size > BYTES_MAX ? -EINVAL : 0;
	case 'a':
		options->after = strtod(optarg, NULL);
		return 0;
	case 's':
		options->seconds = strtod(optarg, NULL);
		return 0;
	default:
		return -EINVAL;
	}
}

/* What the word stands for, given so many arguments. */
static int (*verb(const char *word, int n))(const struct options *)
{
	static const struct {
		const char *word;
		int n, (*run)(const struct options *);
	} verbs[] = {{"serve", 0, serve}, {"ask", 1, ask}, {"take", 0, take}, {"give", 1, give}};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(word, verbs[i].word) && n == verbs[i].n)
			return verbs[i].run;
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {{"udp", 0, NULL, 'u'},     {"port", 1, NULL, 'p'},
					      {"size", 1, NULL, 'l'},    {"after", 1, NULL, 'a'},
					      {"seconds", 1, NULL, 's'}, {}};
	struct options options = {.after = 0.1, .seconds = 0.5, .size = 64};
	int (*run)(const struct options *) = NULL;
	int option, err = 0;

	options.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(7007)};
	while (!err && (option = getopt_long(argc, argv, "", names, NULL)) != -1)
		err = set_option(&options, option);
	argc -= optind;
	argv += optind;
	if (!err && argc > 0)
		run = verb(argv[0], argc - 1);
	if (!run || (argc > 1 && inet_pton(AF_INET, argv[1], &options.address.sin_addr) != 1))
		err = -EINVAL;
	if (err) {
		fputs(usage, stderr);
		return 2;
	}
	err = run(&options);
	if (err)
		fprintf(stderr, "rr: %s\n", strerror(-err));
	return err ? 1 : 0;
}
