// SPDX-License-Identifier: GPL-2.0-only
/* Functions that the kernel offers to BPF programs. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kfunc.h"

bool kfunc_exists(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool exists =
		!libbpf_get_error(btf) && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;

	btf__free(btf);
	return exists;
}
