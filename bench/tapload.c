// SPDX-License-Identifier: GPL-2.0-only
/* Two VMs without vhost-net, as a switch sees them: the owner of two taps writes frames to one and
 * reads what comes out of the other, one system call per frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"

#define BATCH   64 /* written before what has arrived is read */
#define BUF_LEN 2048

static const char usage[] =
	"tapload IF IF: makes the taps; then, for each line \"SIZE WAYS AFTER SECONDS\" of its input,\n"
	"sends frames one way, or both from two CPUs, and prints what arrived, as JSON.\n";

struct frame {
	struct virtio_net_hdr header; /* all zero: nothing is left to be done */
	uint8_t data[FRAME_MAX];
} __attribute__((packed));

struct way {
	int from, to, cpu;
	size_t len;
	struct frame frame;
	_Atomic uint64_t frames;
	pthread_t thread;
};

static atomic_bool stopped;

static int tap_open(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (!ioctl(fd, TUNSETIFF, &request))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* The switch has to know where both are. */
static void hello(const struct way *way)
{
	struct frame frame = way->frame;

	memset(frame.data, 0xff, ETH_ALEN);
	(void)!write(way->from, &frame, sizeof(frame.header) + FRAME_MIN);
}

static void *carry(void *arg)
{
	struct way *way = arg;
	uint8_t buf[BUF_LEN];
	size_t size = sizeof(way->frame.header) + way->len;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(way->cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	while (!stopped) {
		for (int i = 0; i < BATCH; i++)
			(void)!write(way->from, &way->frame, size);
		while (read(way->to, buf, sizeof(buf)) > 0)
			way->frames++;
	}
	return NULL;
}

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

static void run(struct way *ways, int n, double after, double seconds)
{
	uint64_t before, frames;
	double start;

	stopped = false;
	for (int i = 0; i < n; i++)
		pthread_create(&ways[i].thread, NULL, carry, &ways[i]);
	wait_for(after);
	before = ways[0].frames + (n > 1 ? ways[1].frames : 0);
	start = now();
	wait_for(seconds);
	frames = ways[0].frames + (n > 1 ? ways[1].frames : 0) - before;
	seconds = now() - start;
	stopped = true;
	for (int i = 0; i < n; i++)
		pthread_join(ways[i].thread, NULL);
	printf("{\"frames\": %lu, \"seconds\": %.6f}\n", frames, seconds);
	fflush(stdout);
}

static int serve(int one, int other)
{
	struct way ways[] = {{.from = one, .to = other, .cpu = 0},
			     {.from = other, .to = one, .cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1}};
	static const uint8_t macs[][ETH_ALEN] = {{2, 1}, {2, 2}};
	double after, seconds;
	size_t size;
	int n;

	while (scanf("%zu %d %lf %lf", &size, &n, &after, &seconds) == 4) {
		if (size < FRAME_MIN + FCS || size > FRAME_MAX + FCS || n < 1 || n > 2)
			return -EINVAL;
		for (int i = 0; i < 2; i++) {
			ways[i].len = size - FCS;
			frame_build(ways[i].frame.data, ways[i].len, macs[!i], macs[i]);
			hello(&ways[i]);
		}
		wait_for(0.1);
		run(ways, n, after, seconds);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int one = -EINVAL, other = -EINVAL, err;

	if (argc != 3) {
		fputs(usage, stderr);
		return 2;
	}
	one = tap_open(argv[1]);
	other = tap_open(argv[2]);
	err = one < 0 ? one : other < 0 ? other : serve(one, other);
	if (err)
		fprintf(stderr, "tapload: %s\n", strerror(-err));
	return err ? 1 : 0;
}
