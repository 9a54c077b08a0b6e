// SPDX-License-Identifier: GPL-2.0-only
/* Send and receive frames that can be told apart, through a packet socket or as the owner of a tap.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"
#include "util.h"

static const char usage[] =
	"frames send IF|--tap NAME [--dst MAC] [--src MAC] [--proto raw|arp|udp|tcp|icmp6] [--ipv6]\n"
	"       [--vlan N] [--len BYTES] [--count N] [--rate PPS] [--id N] [--partial] [--gso SIZE] [--bad]\n"
	"frames hex IF|--tap NAME [--count N] [--rate PPS]\n"
	"frames recv IF|--tap NAME [--count N] [--seconds N]\n"
	"frames pump --tap NAME --netns FILE --to NAME [--vhost]\n"
	"\n"
	"send prints how many it sent; --count 0 is until SIGTERM, --rate 0 as fast as it goes.\n"
	"hex sends each frame that stands on a line of its input, so many times.\n"
	"recv ends after so many frames, seconds, or SIGTERM, and prints what it received as JSON.\n"
	"pump makes --to, a tap made in another namespace, the device of a guest whose virtio-net is --tap;\n"
	"with --vhost, the kernel's vhost-net serves the tap, which has virtio-net headers and one queue.\n"
	"With a tap: --vnet-hdr, --queues N; --wait FILE sends when FILE exists; --hold keeps the tap until SIGTERM.\n";

struct options {
	struct stream stream;
	const char *tap, *netns, *to, *wait;
	uint64_t count;
	unsigned long rate, seconds, queues;
	bool vnet_hdr, hold, vhost;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	stopped = 1;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Sleeps until frame number sent is due. */
static void pace(uint64_t start, uint64_t sent, unsigned long rate)
{
	uint64_t due = start + (rate ? sent * 1000000000ull / rate : 0);
	struct timespec ts = {due / 1000000000, due % 1000000000};

	if (rate && due > now_ns())
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Tries until there is room; 0 or -errno. */
static int send_one(const struct io *io, int queue, const struct frame *f)
{
	struct pollfd fd = {io->fd[queue], POLLOUT, 0};
	int err;

	do {
		err = io_send(io, queue, f);
		if (err == -EAGAIN || err == -ENOBUFS)
			poll(&fd, 1, 1);
	} while ((err == -EAGAIN || err == -ENOBUFS) && !stopped);
	return err;
}

static void wait_for(const char *file)
{
	while (file && access(file, F_OK) && !stopped)
		usleep(10000);
}

static void hold(const struct options *o)
{
	while (o->hold && !stopped)
		usleep(10000);
}

static int run_send(const struct io *io, const struct options *o)
{
	uint64_t start, sent = 0;
	struct frame f;
	int err = 0;

	wait_for(o->wait);
	start = now_ns();
	for (; !stopped && !err && (!o->count || sent < o->count); sent += !err) {
		pace(start, sent, o->rate);
		build(&o->stream, sent, &f);
		err = send_one(io, sent % io->n, &f);
	}
	printf("%lu\n", (unsigned long)sent);
	fflush(stdout);
	hold(o);
	return stopped ? 0 : err;
}

static int receive_all(const struct io *io, int queue, struct frame *f, struct report *report)
{
	int err;

	while (!(err = io_receive(io, queue, f)))
		report_add(report, f);
	/* a packet socket says once that its device went down, a tap that is down says EIO */
	return err == -EAGAIN || err == -ENETDOWN || err == -EIO ? 0 : err;
}

static int run_recv(const struct io *io, const struct options *o)
{
	uint64_t end = now_ns() + o->seconds * 1000000000ull;
	struct report *report = report_new();
	struct pollfd fds[QUEUES_MAX] = {};
	struct frame f;
	int err = report ? 0 : -ENOMEM;

	for (int i = 0; i < io->n; i++)
		fds[i] = (struct pollfd){io->fd[i], POLLIN, 0};
	while (!err && !stopped && (!o->count || report_frames(report) < o->count) &&
	       (!o->seconds || now_ns() < end)) {
		poll(fds, io->n, 20);
		for (int i = 0; i < io->n && !err; i++)
			err = receive_all(io, i, &f, report);
	}
	/* what was on its way when the signal came */
	for (int i = 0; i < io->n && !err; i++)
		err = receive_all(io, i, &f, report);
	if (report) {
		report_print(report);
		report_free(report);
	}
	return err;
}

/* 0, or -EINVAL when the line is no frame. */
static int parse_hex(const char *line, struct frame *f)
{
	unsigned int byte;

	memset(&f->vnet, 0, sizeof(f->vnet));
	for (f->len = 0; line[0] && line[0] != '\n'; line += 2) {
		if (f->len == FRAME_MAX || sscanf(line, "%2x", &byte) != 1 || !line[1])
			return -EINVAL;
		f->data[f->len++] = byte;
	}
	return f->len >= 14 ? 0 : -EINVAL;
}

static int run_hex(const struct io *io, const struct options *o)
{
	static struct frame f;
	uint64_t sent = 0, start = now_ns();
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, stdin) > 0) {
		err = parse_hex(line, &f);
		for (uint64_t i = 0; i < o->count && !err; i++) {
			pace(start, sent++, o->rate);
			err = io_send(io, 0, &f);
		}
	}
	free(line);
	return err;
}

static int open_io(struct io *io, const struct options *o, const char *name)
{
	if (o->tap)
		return io_open_tap(io, o->tap, o->queues, o->vnet_hdr);
	return io_open_socket(io, name ?: "eth0");
}

static int run_stream(const struct options *o, const char *name,
		      int (*run)(const struct io *io, const struct options *o))
{
	struct sigaction action = {.sa_handler = on_signal};
	struct io io;
	int err = open_io(&io, o, name);

	if (err)
		return err;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	return run(&io, o);
}

static int run_pump(const struct options *o)
{
	struct io a, b;
	_close_ int netns = open(o->netns, O_RDONLY | O_CLOEXEC);
	int err = io_open_tap(&a, o->tap, o->queues, o->vnet_hdr);

	if (!err && (netns < 0 || setns(netns, CLONE_NEWNET)))
		err = -errno;
	err = err ?: io_open_tap(&b, o->to, 1, o->vnet_hdr);
	if (!err && o->vhost)
		err = vhost_start(&a);
	return err ?: pump_run(&a, &b);
}

static int parse_proto(const char *text, struct stream *s)
{
	static const char *const names[] = {"raw", "arp", "udp", "tcp", "icmp6"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			s->proto = i;
			s->ipv6 |= s->proto == PROTO_ICMP6;
			return 0;
		}
	}
	return -EINVAL;
}

static const struct option long_options[] = {
	{"dst", 1, NULL, 'd'},      {"src", 1, NULL, 's'},
	{"proto", 1, NULL, 'p'},    {"ipv6", 0, NULL, '6'},
	{"vlan", 1, NULL, 'v'},     {"len", 1, NULL, 'l'},
	{"count", 1, NULL, 'c'},    {"rate", 1, NULL, 'r'},
	{"id", 1, NULL, 'i'},       {"partial", 0, NULL, 'P'},
	{"gso", 1, NULL, 'g'},      {"bad", 0, NULL, 'b'},
	{"tap", 1, NULL, 't'},      {"queues", 1, NULL, 'q'},
	{"netns", 1, NULL, 'n'},    {"to", 1, NULL, 'o'},
	{"wait", 1, NULL, 'w'},     {"seconds", 1, NULL, 'S'},
	{"vnet-hdr", 0, NULL, 'V'}, {"hold", 0, NULL, 'h'},
	{"vhost", 0, NULL, 'H'},    {},
};

static int set_stream(struct stream *s, int letter, const char *value)
{
	switch (letter) {
	case 'd':
		return mac_parse(value, s->dst);
	case 's':
		return mac_parse(value, s->src);
	case 'p':
		return parse_proto(value, s);
	case '6':
		s->ipv6 = true;
		return 0;
	case 'v':
		s->vlan = atoi(value);
		return 0;
	case 'l':
		s->len = atoi(value);
		return 0;
	case 'i':
		s->id = atoi(value);
		return 0;
	case 'P':
		s->partial = true;
		return 0;
	case 'b':
		s->bad = true;
		return 0;
	case 'g':
		s->gso = atoi(value);
		s->partial = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int set_option(struct options *o, int letter, const char *value)
{
	switch (letter) {
	case 'c':
		o->count = strtoull(value, NULL, 10);
		return 0;
	case 'r':
		o->rate = strtoul(value, NULL, 10);
		return 0;
	case 't':
		o->tap = value;
		return 0;
	case 'q':
		o->queues = strtoul(value, NULL, 10);
		return o->queues && o->queues <= QUEUES_MAX ? 0 : -EINVAL;
	case 'n':
		o->netns = value;
		return 0;
	case 'o':
		o->to = value;
		return 0;
	case 'w':
		o->wait = value;
		return 0;
	case 'S':
		o->seconds = strtoul(value, NULL, 10);
		return 0;
	case 'V':
		o->vnet_hdr = true;
		return 0;
	case 'h':
		o->hold = true;
		return 0;
	case 'H':
		o->vhost = o->vnet_hdr = true;
		return 0;
	default:
		return set_stream(&o->stream, letter, value);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	struct stream *s = &o->stream;
	int letter, err = 0;

	while (!err && (letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		err = set_option(o, letter, optarg);
	if (s->len < build_min(s))
		s->len = build_min(s);
	if (s->len > FRAME_MAX - 4)
		err = -EINVAL;
	return err;
}

static int run(const char *verb, const struct options *o, const char *name)
{
	if (!strcmp(verb, "send"))
		return run_stream(o, name, run_send);
	if (!strcmp(verb, "hex"))
		return run_stream(o, name, run_hex);
	if (!strcmp(verb, "recv"))
		return run_stream(o, name, run_recv);
	if (!strcmp(verb, "pump") && o->tap && o->to && o->netns)
		return run_pump(o);
	fputs(usage, stderr);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	struct options o = {
		.stream = {.dst = {2, 0, 0, 0, 0, 2}, .src = {2, 0, 0, 0, 0, 1}, .vlan = -1},
		.count = argc > 1 && strcmp(argv[1], "recv") ? 1 : 0,
		.rate = 1000,
		.queues = 1,
	};
	int err;

	if (argc < 2 || parse(&o, argc - 1, argv + 1)) {
		fputs(usage, stderr);
		return 2;
	}
	err = run(argv[1], &o, argv[optind + 1]);
	if (err)
		fprintf(stderr, "frames %s: %s\n", argv[1], strerror(-err));
	return err ? 1 : 0;
}
