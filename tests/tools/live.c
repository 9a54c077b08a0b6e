// SPDX-License-Identifier: GPL-2.0-only
/* "live DIR IF DST" sends 60-byte frames out of IF in the cheapest way there is, as XDP frames that
 * nobody received, and prints how long a frame took, in ns, from the time between those that
 * arrived in live.bpf.c's sink: one number for each lap but the first. DIR has live.bpf.c's pins.
 * Status 1, and an error, when a frame was lost.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>

#include "live.h"
#include "util.h"

#define COUNT ((LIVE_LAPS - 1) * LIVE_LAP + 64) /* the last one in a whole batch, too */

/* 18 zero bytes by UDP from 192.0.2.1 to 192.0.2.2, checksums complete */
static __u8 frame[ETH_ZLEN] = {
	0,    0,    0,    0,    0,    0,    0x02, 0,    0,    0,    0,    0x01, 0x08, 0x00,
	0x45, 0x00, 0x00, 0x2e, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb6, 0xbb, 192,  0,
	2,    1,    192,  0,    2,    2,    0x13, 0x89, 0x13, 0x89, 0x00, 0x1a, 0x54, 0xa4,
};

static int open_pin(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return bpf_obj_get(path);
}

static int send_frames(int source)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = COUNT, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	return bpf_prog_test_run_opts(source, &opts);
}

static int print_laps(const struct live_sunk *s)
{
	if (s->count != COUNT) {
		fprintf(stderr, "live: %llu of %d frames arrived\n", s->count, COUNT);
		return -EIO;
	}
	for (int i = 2; i < LIVE_LAPS; i++)
		printf("%.1f\n", (double)(s->start[i] - s->start[i - 1]) / LIVE_LAP);
	return 0;
}

static int run(const char *dir, __u32 ifindex)
{
	_close_ int source = open_pin(dir, "live_source");
	_close_ int target = open_pin(dir, "live_target");
	_close_ int sink = open_pin(dir, "live_sunk");
	struct live_sunk sunk = {};
	__u32 zero = 0;
	int err;

	if (source < 0 || target < 0 || sink < 0)
		return -ENOENT;
	err = bpf_map_update_elem(target, &zero, &ifindex, 0);
	err = err ?: bpf_map_update_elem(sink, &zero, &sunk, 0);
	err = err ?: send_frames(source);
	err = err ?: bpf_map_lookup_elem(sink, &zero, &sunk);
	return err ?: print_laps(&sunk);
}

int main(int argc, char **argv)
{
	const struct ether_addr *dst = argc == 4 ? ether_aton(argv[3]) : NULL;
	int err;

	if (!dst) {
		fputs("usage: live DIR IF DST\n", stderr);
		return 2;
	}
	memcpy(frame, dst, ETH_ALEN);
	err = run(argv[1], if_nametoindex(argv[2]));
	if (err)
		fprintf(stderr, "live: %s\n", strerror(-err));
	return err ? 1 : 0;
}
