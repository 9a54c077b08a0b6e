// SPDX-License-Identifier: GPL-2.0-only
/* tcx, which Debian 12's ip, tc and bpftool do not know: "tcx show IF" prints the ids of the
 * programs there, "tcx attach IF OBJECT PROGRAM" attaches one and stays until a signal. Status 3:
 * the kernel has no tcx.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TCX_INGRESS 46 /* enum bpf_attach_type, Linux 6.6 */
#define TCX_EGRESS  47
#define IDS_MAX     64

static int show(int ifindex, const char *what, int type)
{
	__u32 ids[IDS_MAX], n = IDS_MAX;
	int err = bpf_prog_query(ifindex, type, 0, NULL, ids, &n);

	if (err)
		return err;
	for (__u32 i = 0; i < n; i++)
		printf("%s %u\n", what, ids[i]);
	return 0;
}

/* Loads that program alone; libbpf does not tell its type from tc's name of the section. */
static int load(struct bpf_object *object, const char *name)
{
	struct bpf_program *program, *found = NULL;
	int err;

	bpf_object__for_each_program(program, object) {
		if (!strcmp(bpf_program__name(program), name))
			found = program;
		else
			bpf_program__set_autoload(program, false);
	}
	if (!found)
		return -ENOENT;
	bpf_program__set_type(found, BPF_PROG_TYPE_SCHED_CLS);
	err = bpf_object__load(object);
	return err ?: bpf_program__fd(found);
}

static int attach(int ifindex, const char *file, const char *name)
{
	struct bpf_object *object = bpf_object__open(file);
	int fd = object ? load(object, name) : -errno;

	if (fd >= 0)
		fd = bpf_link_create(fd, ifindex, TCX_INGRESS, NULL);
	if (fd < 0)
		return fd;
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	int ifindex = argc > 2 ? if_nametoindex(argv[2]) : 0, err = -ENOTSUP;

	if (argc == 3 && !strcmp(argv[1], "show"))
		err = ifindex ? show(ifindex, "ingress", TCX_INGRESS) : -ENODEV;
	if (argc == 3 && !err)
		err = show(ifindex, "egress", TCX_EGRESS);
	if (argc == 5 && !strcmp(argv[1], "attach"))
		err = ifindex ? attach(ifindex, argv[3], argv[4]) : -ENODEV;
	if (err == -EINVAL)
		return 3;
	if (err)
		fprintf(stderr, "tcx: %s\n", strerror(-err));
	return err ? 1 : 0;
}
