// SPDX-License-Identifier: GPL-2.0-only
/* What kvsd needs of its caller and of the kernel. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/utsname.h>

#include "probe.h"
#include "util.h"

#define LIST_MAX 256

static uint64_t effective_capabilities(void)
{
	_fclose_ FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t caps = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %lx", &caps) == 1)
			break;
	return caps;
}

static void add(char list[LIST_MAX], const char *name)
{
	size_t n = strlen(list);

	snprintf(list + n, LIST_MAX - n, "%s%s", n ? ", " : "", name);
}

int probe_rights(struct err *err)
{
	static const struct {
		int cap;
		const char *name;
	} needed[] = {
		{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
		{CAP_BPF, "CAP_BPF"},
		{CAP_PERFMON, "CAP_PERFMON"},
		{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
	};
	uint64_t caps = effective_capabilities();
	char missing[LIST_MAX] = "";

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!(caps & (1ULL << needed[i].cap)))
			add(missing, needed[i].name);
	if (!*missing)
		return 0;
	return err_set(err, -EPERM, "kvsd lacks %s: start it as root, or with these capabilities",
		       missing);
}

static bool has_helper(enum bpf_prog_type type, enum bpf_func_id helper)
{
	return libbpf_probe_bpf_helper(type, helper, NULL) == 1;
}

static bool has_map(enum bpf_map_type type)
{
	return libbpf_probe_bpf_map_type(type, NULL) == 1;
}

/* Asked only when the programs do not load: the newest thing that each of them needs, with the
 * kernel that has it. */
int probe_kernel(struct err *err)
{
	struct utsname kernel;
	char missing[LIST_MAX] = "";

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL) != 1)
		add(missing, "BPF programs for tc (CONFIG_NET_CLS_BPF)");
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) != 1)
		add(missing, "XDP (CONFIG_BPF_SYSCALL)");
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) != 1)
		add(missing, "syscall programs (Linux 5.14)");
	if (!has_map(BPF_MAP_TYPE_DEVMAP))
		add(missing, "devmaps (Linux 4.14)");
	if (!has_helper(BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_check_mtu))
		add(missing, "bpf_check_mtu (Linux 5.12)");
	if (!has_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes))
		add(missing, "XDP with fragments (Linux 5.18)");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		add(missing, "BTF (CONFIG_DEBUG_INFO_BTF)");
	if (!*missing)
		return 0;
	uname(&kernel);
	return err_set(err, -EOPNOTSUPP,
		       "this kernel (%s) lacks %s: KVS needs Linux 6.1 or newer, with BTF",
		       kernel.release, missing);
}
