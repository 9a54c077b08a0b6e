// SPDX-License-Identifier: GPL-2.0-only
/* "bare FROM TO PIN" sends all that arrives at one device out of the other (bare.bpf.c), as long as
 * PIN exists. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "bare.skel.h"

static int attach(struct bare_bpf *skel, int from, __u32 to, const char *path)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	__u32 key = 0;
	int err, fd;

	err = bpf_map__update_elem(skel->maps.other, &key, sizeof(key), &to, sizeof(to), 0);
	if (err)
		return err;
	fd = bpf_link_create(bpf_program__fd(skel->progs.bare), from, BPF_XDP, &options);
	return fd < 0 ? fd : bpf_obj_pin(fd, path);
}

static int run(char **argv)
{
	int from = if_nametoindex(argv[1]), to = if_nametoindex(argv[2]), err;
	struct bare_bpf *skel;

	if (!from || !to)
		return -ENODEV;
	skel = bare_bpf__open_and_load();
	if (!skel)
		return -errno;
	err = attach(skel, from, to, argv[3]);
	bare_bpf__destroy(skel);
	return err;
}

int main(int argc, char **argv)
{
	int err = argc == 4 ? run(argv) : -EINVAL;

	if (err)
		fprintf(stderr, "bare: %s\n", strerror(-err));
	return err ? 1 : 0;
}
