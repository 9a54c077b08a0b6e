// SPDX-License-Identifier: GPL-2.0-only
/* Sends UDP frames out of a device as fast as it goes or at a rate, by live frames: the kernel
 * makes them, an XDP program (source.bpf.c) redirects them, and no user space touches them.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "frame.h"
#include "source.h"
#include "source.skel.h"
#include "util.h"

#define EVEN_MAX 500000
#define BURST    (1 << 30) /* frames per system call at full speed; a signal ends it */

static const char usage[] =
	"source IF --dst MAC --src MAC [--size BYTES|imix] [--dsts N] [--srcs N] [--random]\n"
	"       [--rate PPS | --pace PPS] [--stamp] [--count N] [--seconds S] [--cpu N]\n"
	"\n"
	"Sends until --count, --seconds or a signal, then prints how many frames, how long and how\n"
	"much time on a CPU, as JSON.\n"
	"BYTES (64 to 1518) are counted as on a wire, with the frame check sequence, which is not sent.\n"
	"imix: 7 frames of 64, 4 of 594, 1 of 1518. --dsts, --srcs: the last four bytes of the MAC go\n"
	"from 0 to N - 1, in turn or in random order. --rate sleeps after each millisecond's worth; --pace\n"
	"spins from frame to frame. --stamp: with the time in it, for sink, and without a checksum.\n";

struct options {
	uint8_t dst[ETH_ALEN], src[ETH_ALEN];
	const char *device, *size;
	uint64_t count;
	unsigned long rate, pace, dsts, srcs;
	double seconds;
	bool in_random_order, is_stamped;
	int cpu;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	stopped = 1;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void mix_build(struct source_frame *frames, const struct options *options)
{
	static const uint16_t sizes[SOURCE_FRAMES] = {64, 594, 64,   64, 594, 64,
						      64, 594, 1518, 64, 594, 64};
	uint8_t frame[FRAME_MAX];

	for (size_t i = 0; i < SOURCE_FRAMES; i++) {
		frames[i].length = sizes[i] - FCS;
		frame_build(frame, frames[i].length, options->dst, options->src);
		memcpy(frames[i].header, frame, SOURCE_HEADER);
	}
}

static int program_load(const struct options *options, bool is_mix, struct source_bpf **skel)
{
	__u32 key = 0, ifindex = if_nametoindex(options->device);
	struct source_bpf *s;
	int err;

	if (!ifindex)
		return -ENODEV;
	s = source_bpf__open();
	if (!s)
		return -errno;
	s->rodata->destinations = options->dsts;
	s->rodata->sources = options->srcs;
	s->rodata->in_random_order = options->in_random_order;
	s->rodata->is_stamped = options->is_stamped;
	s->rodata->interval = options->pace ? (1000000000ULL << 10) / options->pace : 0;
	s->rodata->lengths = is_mix ? SOURCE_FRAMES : 1;
	if (is_mix)
		mix_build((struct source_frame *)s->rodata->frames, options);
	err = source_bpf__load(s);
	if (!err)
		err = bpf_map__update_elem(s->maps.out, &key, sizeof(key), &ifindex,
					   sizeof(ifindex), 0);
	if (err)
		source_bpf__destroy(s);
	else
		*skel = s;
	return err;
}

/* Each run of a program that is attached nowhere waits for RCU, twice. Nothing comes in by lo. */
static int attach(const struct source_bpf *skel)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
	int fd = bpf_link_create(bpf_program__fd(skel->progs.source), if_nametoindex("lo"), BPF_XDP,
				 &options);

	return fd < 0 ? fd : 0;
}

/* At a rate: what is due in a millisecond, for which it waits. */
static uint64_t due(const struct options *options, double elapsed, uint64_t sent)
{
	struct timespec pause = {.tv_nsec = 900000};
	uint64_t n = BURST, most = options->rate / 1000 + 1;

	if (options->rate) {
		n = elapsed * options->rate;
		if (n < sent + most) {
			nanosleep(&pause, NULL);
			return 0;
		}
		n = n - sent < most ? n - sent : most;
	}
	if (options->count && n > options->count - sent)
		n = options->count - sent;
	return n;
}

/* Frames leave in batches: 64, or fewer where they are to be even. */
static uint32_t batch(const struct options *options)
{
	return !options->pace ? 0 : options->pace > EVEN_MAX ? 8 : 1;
}

static int burst(int fd, const struct options *options, const void *frame, size_t len, uint64_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = len, .repeat = n,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = batch(options));
	int err = bpf_prog_test_run_opts(fd, &run);

	return err == -EINTR ? 0 : err;
}

static int send_all(const struct options *options, struct source_bpf *skel, const void *frame,
		    size_t len)
{
	double start = now(), cpu = cpu_seconds();
	uint64_t n;
	int err = 0;

	while (!stopped && !err && (!options->count || skel->bss->sent < options->count)) {
		n = due(options, now() - start, skel->bss->sent);
		if (n)
			err = burst(bpf_program__fd(skel->progs.source), options, frame, len, n);
	}
	printf("{\"sent\": %llu, \"seconds\": %.6f, \"cpu\": %.6f}\n", skel->bss->sent,
	       now() - start, cpu_seconds() - cpu);
	return err;
}

static void alarm_set(double seconds)
{
	struct itimerval timer = {
		.it_value = {seconds, (seconds - (long)seconds) * 1e6},
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static int run(const struct options *options)
{
	bool is_mix = !strcmp(options->size, "imix");
	size_t len = is_mix ? FRAME_MAX : strtoul(options->size, NULL, 10) - FCS;
	struct source_bpf *skel = NULL;
	uint8_t frame[FRAME_MAX];
	cpu_set_t cpus;
	int err;

	if (len < FRAME_MIN || len > FRAME_MAX)
		return -EMSGSIZE;
	CPU_ZERO(&cpus);
	CPU_SET(options->cpu, &cpus);
	if (options->cpu >= 0 && sched_setaffinity(0, sizeof(cpus), &cpus))
		return -errno;
	err = program_load(options, is_mix, &skel);
	if (err)
		return err;
	if (options->rate)
		err = attach(skel);
	frame_build(frame, len, options->dst, options->src);
	if (options->is_stamped)
		frame_uncheck(frame);
	alarm_set(options->seconds);
	if (!err)
		err = send_all(options, skel, frame, len);
	source_bpf__destroy(skel);
	return err;
}

static int set_option(struct options *options, int option)
{
	switch (option) {
	case 'd':
		return mac_parse(optarg, options->dst);
	case 's':
		return mac_parse(optarg, options->src);
	case 'l':
		options->size = optarg;
		return 0;
	case 'D':
		options->dsts = strtoul(optarg, NULL, 10);
		return options->dsts ? 0 : -EINVAL;
	case 'S':
		options->srcs = strtoul(optarg, NULL, 10);
		return options->srcs ? 0 : -EINVAL;
	case 'R':
		options->in_random_order = true;
		return 0;
	case 'r':
		options->rate = strtoul(optarg, NULL, 10);
		return 0;
	case 'p':
		options->pace = strtoul(optarg, NULL, 10);
		return 0;
	case 'T':
		options->is_stamped = true;
		return 0;
	case 'n':
		options->count = strtoull(optarg, NULL, 10);
		return 0;
	case 't':
		options->seconds = strtod(optarg, NULL);
		return 0;
	case 'c':
		options->cpu = atoi(optarg);
		return 0;
	default:
		return -EINVAL;
	}
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{"dst", 1, NULL, 'd'},
		{"src", 1, NULL, 's'},
		{"size", 1, NULL, 'l'},
		{"dsts", 1, NULL, 'D'},
		{"srcs", 1, NULL, 'S'},
		{"random", 0, NULL, 'R'},
		{"rate", 1, NULL, 'r'},
		{"pace", 1, NULL, 'p'},
		{"stamp", 0, NULL, 'T'},
		{"count", 1, NULL, 'n'},
		{"seconds", 1, NULL, 't'},
		{"cpu", 1, NULL, 'c'},
		{},
	};
	struct options options = {.size = "64", .dsts = 1, .srcs = 1, .cpu = -1};
	struct sigaction action = {.sa_handler = on_signal};
	int option, err = 0;

	while (!err && (option = getopt_long(argc, argv, "", names, NULL)) != -1)
		err = set_option(&options, option);
	if (err || optind != argc - 1) {
		fputs(usage, stderr);
		return 2;
	}
	options.device = argv[optind];
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	err = run(&options);
	if (err)
		fprintf(stderr, "source: %s: %s\n", options.device, strerror(-err));
	return err ? 1 : 0;
}
