// SPDX-License-Identifier: GPL-2.0-only
/* Counts the frames that arrive at devices: an XDP program (sink.bpf.c) drops them there. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#include "sink.h"
#include "sink.skel.h"
#include "util.h"

#define SINKS_MAX  64
#define START_WAIT 3.0 /* seconds for the first frame */

static const char usage[] =
	"sink attach IF PIN [--generic] [--stamped]: count and drop what arrives at IF; PIN is a path in a BPF\n"
	"     file system\n"
	"sink rate PIN... [--after S] [--seconds S]: frames and bytes in S seconds at all of these, as JSON,\n"
	"     from --after seconds after the first frame on\n"
	"sink read PIN...: how many so far\n"
	"sink delays PIN [--after S] [--seconds S]: percentiles of the time that stamped frames took, in us, as\n"
	"     JSON\n";

struct sinks {
	int n, cpus;
	int fds[SINKS_MAX];
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void wait_for(double seconds)
{
	struct timespec ts = {seconds, (seconds - (long)seconds) * 1e9};

	nanosleep(&ts, NULL);
}

static int pin(struct sink_bpf *skel, const char *path, int ifindex, bool is_generic)
{
	LIBBPF_OPTS(bpf_link_create_opts, options,
		    .flags = is_generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	_free_ char *link = NULL, *delays = NULL;
	int fd = bpf_link_create(bpf_program__fd(skel->progs.sink), ifindex, BPF_XDP, &options);

	if (fd < 0)
		return fd;
	if (asprintf(&link, "%s_link", path) < 0)
		return -ENOMEM;
	if (asprintf(&delays, "%s_delays", path) < 0)
		return -ENOMEM;
	return bpf_obj_pin(fd, link) ?: bpf_map__pin(skel->maps.counts, path)
				     ?: bpf_map__pin(skel->maps.delays, delays);
}

static int attach(const char *device, const char *path, bool is_generic, bool is_stamped)
{
	int ifindex = if_nametoindex(device), err;
	struct sink_bpf *skel;

	if (!ifindex)
		return -ENODEV;
	skel = sink_bpf__open();
	if (!skel)
		return -errno;
	skel->rodata->is_stamped = is_stamped;
	err = sink_bpf__load(skel) ?: pin(skel, path, ifindex, is_generic);
	sink_bpf__destroy(skel);
	return err;
}

static int sinks_open(struct sinks *sinks, int n, char **paths)
{
	sinks->cpus = libbpf_num_possible_cpus();
	if (n < 1 || n > SINKS_MAX || sinks->cpus < 1)
		return -EINVAL;
	for (sinks->n = 0; sinks->n < n; sinks->n++) {
		sinks->fds[sinks->n] = bpf_obj_get(paths[sinks->n]);
		if (sinks->fds[sinks->n] < 0)
			return -errno;
	}
	return 0;
}

static struct sink_count sink_read(const struct sinks *sinks)
{
	struct sink_count values[sinks->cpus], sum = {};
	__u32 key = 0;

	for (int i = 0; i < sinks->n; i++) {
		if (bpf_map_lookup_elem(sinks->fds[i], &key, values))
			continue;
		for (int cpu = 0; cpu < sinks->cpus; cpu++) {
			sum.frames += values[cpu].frames;
			sum.bytes += values[cpu].bytes;
		}
	}
	return sum;
}

static void print(struct sink_count count, double seconds)
{
	printf("{\"frames\": %llu, \"bytes\": %llu, \"seconds\": %.6f}\n", count.frames,
	       count.bytes, seconds);
}

/* Nothing within the time to start counts as a rate of 0. */
static void rate(const struct sinks *sinks, double after, double seconds)
{
	struct sink_count from = sink_read(sinks), to;
	double start = now();

	while (sink_read(sinks).frames == from.frames && now() - start < START_WAIT)
		wait_for(0.002);
	wait_for(after);
	from = sink_read(sinks);
	start = now();
	wait_for(seconds);
	to = sink_read(sinks);
	seconds = now() - start;
	to.frames -= from.frames;
	to.bytes -= from.bytes;
	print(to, seconds);
}

/* --- delays */

static int delays_read(int fd, __u64 sums[SINK_BUCKETS])
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	__u64 values[cpus > 0 ? cpus : 1];

	for (__u32 key = 0; key < SINK_BUCKETS && !err; key++) {
		err = bpf_map_lookup_elem(fd, &key, values);
		sums[key] = 0;
		for (int cpu = 0; cpu < cpus && !err; cpu++)
			sums[key] += values[cpu];
	}
	return err;
}

/* The middle of a bucket, in us. */
static double bucket_us(__u32 i)
{
	int shift = (i >> 4) - 1;

	return (i < 16 ? i + 0.5 : ((16 | (i & 15)) + 0.5) * (1ULL << shift)) / 1e3;
}

static double percentile(const __u64 sums[SINK_BUCKETS], double share)
{
	__u64 n = 0, rank = 0;

	for (int i = 0; i < SINK_BUCKETS; i++)
		n += sums[i];
	for (int i = 0; i < SINK_BUCKETS; i++) {
		rank += sums[i];
		if (rank && rank >= share * n)
			return bucket_us(i);
	}
	return 0;
}

static int delays(const char *path, double after, double seconds)
{
	_free_ char *name = NULL;
	__u64 from[SINK_BUCKETS], to[SINK_BUCKETS];
	_close_ int fd = asprintf(&name, "%s_delays", path) < 0 ? -1 : bpf_obj_get(name);
	int err;

	if (fd < 0)
		return -errno;
	wait_for(after);
	err = delays_read(fd, from);
	wait_for(seconds);
	err = err ?: delays_read(fd, to);
	if (err)
		return err;
	for (int i = 0; i < SINK_BUCKETS; i++)
		to[i] -= from[i];
	printf("{\"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f, \"max\": %.2f}\n",
	       percentile(to, 0.5), percentile(to, 0.99), percentile(to, 0.999), percentile(to, 1));
	return 0;
}

static int refuse(void)
{
	fputs(usage, stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {{"after", 1, NULL, 'a'},
					      {"seconds", 1, NULL, 's'},
					      {"generic", 0, NULL, 'g'},
					      {"stamped", 0, NULL, 't'},
					      {}};
	double after = 0.1, seconds = 0.5;
	struct sinks sinks = {};
	bool is_generic = false, is_stamped = false;
	int option, err = 0;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (option) {
		case 'a':
			after = strtod(optarg, NULL);
			break;
		case 's':
			seconds = strtod(optarg, NULL);
			break;
		case 'g':
			is_generic = true;
			break;
		case 't':
			is_stamped = true;
			break;
		default:
			return refuse();
		}
	argc -= optind;
	argv += optind;
	if (argc < 2)
		return refuse();
	if (!strcmp(argv[0], "attach") && argc == 3)
		err = attach(argv[1], argv[2], is_generic, is_stamped);
	else if (!strcmp(argv[0], "delays"))
		err = delays(argv[1], after, seconds);
	else
		err = sinks_open(&sinks, argc - 1, argv + 1);
	if (!err && !strcmp(argv[0], "rate"))
		rate(&sinks, after, seconds);
	if (!err && !strcmp(argv[0], "read"))
		print(sink_read(&sinks), 0);
	if (err)
		fprintf(stderr, "sink: %s: %s\n", argv[1], strerror(-err));
	return err ? 1 : 0;
}
