// SPDX-License-Identifier: GPL-2.0-only
/* Hooks of a port: pinned links, the XDP hook, the watch over both hooks. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "hook.h"
#include "offload.h"
#include "others.h"
#include "pin.h"

bool hook_dev_exists(const struct link *l)
{
	char name[IF_NAMESIZE];

	return if_indextoname(l->ifindex, name);
}

static void xdp_explain(struct port *p, const struct link *l, const char *text)
{
	if (strcmp(text, p->xdp_last))
		log_warn("%s: stays on tc: %s", l->name, text);
	snprintf(p->xdp_error, sizeof(p->xdp_error), "%s", text);
	snprintf(p->xdp_last, sizeof(p->xdp_last), "%s", text);
}

static int xdp_refused(const struct link *l, int rc, struct err *err)
{
	switch (rc) {
	case -EBUSY:
	case -EEXIST:
		return err_set(
			err, rc,
			"another XDP program (id %u) is attached: remove it with 'ip link set dev %s xdp off'",
			l->xdp_prog, l->name);
	case -EOPNOTSUPP:
		return err_set(
			err, rc,
			"the driver of %s has no native XDP, or not with its offloads (gro-hw, lro: see 'ethtool -k')",
			l->name);
	default:
		return err_set(err, rc, "the kernel refused the XDP program: %s", strerror(-rc));
	}
}

/* Whether a driver takes XDP at all, asked with a program that passes all: changing the offloads of
 * a NIC can take its link down for seconds.
 */
static int xdp_probe(const struct link *l, struct err *err)
{
	const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_XDP_HAS_FRAGS);
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	_close_ int prog =
		bpf_prog_load(BPF_PROG_TYPE_XDP, "kvs_probe", "GPL", pass, ARRAY_SIZE(pass), &load);
	_close_ int fd = prog < 0 ? prog : bpf_link_create(prog, l->ifindex, BPF_XDP, &opts);

	return fd == -EOPNOTSUPP ? xdp_refused(l, fd, err) : 0;
}

static int program(const struct kvsd *k, const struct link *l)
{
	return l->port->is_shut ? k->load->shut_xdp : k->load->xdp;
}

static int xdp_attach(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(program(k, l), l->ifindex, BPF_XDP, &opts);
	int rc = fd < 0 ? fd : pin_link_set(k->pin_dir, l->ifindex, "xdp", fd);

	if (rc < 0 && fd >= 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

/* Over the link of a daemon before this one, if there is one: its program is replaced and no frame
 * lost. */
static int xdp_open(struct kvsd *k, struct link *l)
{
	int fd = pin_link_get(k->pin_dir, l->ifindex, "xdp");

	if (fd < 0)
		return xdp_attach(k, l);
	if (!bpf_link_update(fd, program(k, l), NULL))
		return fd;
	pin_link_drop(k->pin_dir, l->ifindex, "xdp", &fd);
	return xdp_attach(k, l);
}

/* Why XDP is not for this port, in err; 0 when nothing is in the way. */
static int xdp_allow(struct kvsd *k, struct link *l, struct err *err)
{
	if (l->port->others.ingress)
		return err_set(
			err, -EBUSY,
			"tc programs of others are at its ingress, and XDP would go past them");
	if (!strcmp(l->kind, "bond") || !strcmp(l->kind, "team"))
		return err_set(err, -EOPNOTSUPP,
			       "XDP on a %s runs at its links, which are no ports of the bridge",
			       l->kind);
	if (!*l->kind && l->port->xdp_link < 0 && xdp_probe(l, err))
		return -EOPNOTSUPP;
	return offload_sync(k, l, err);
}

static void xdp_detach(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	p->xdp_error[0] = '\0';
	if (p->xdp_link < 0)
		p->xdp_link = pin_link_get(k->pin_dir, l->ifindex, "xdp");
	if (p->xdp_link >= 0)
		pin_link_drop(k->pin_dir, l->ifindex, "xdp", &p->xdp_link);
	offload_restore(k, l);
}

void hook_xdp_sync(struct kvsd *k, struct link *l, bool wanted)
{
	struct port *p = l->port;
	struct err err;
	int fd;

	if (!wanted || xdp_allow(k, l, &err)) {
		xdp_detach(k, l);
		if (wanted)
			xdp_explain(p, l, err.text);
		return;
	}
	if (p->xdp_link >= 0)
		return;
	fd = xdp_open(k, l);
	if (fd < 0) {
		xdp_refused(l, fd, &err);
		xdp_explain(p, l, err.text);
		return;
	}
	p->xdp_link = fd;
	p->xdp_error[0] = p->xdp_last[0] = '\0';
}

void hook_replace(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;
	bool had_xdp = p->xdp_link >= 0;

	if (p->tc != HOOK_NONE && hook_tc_replace(k, l)) {
		hook_tc_detach(k, l);
		hook_tc_sync(k, l);
	}
	if (p->egress != HOOK_NONE && hook_egress_replace(k, l)) {
		p->egress = HOOK_NONE;
		hook_egress_sync(k, l, true);
	}
	if (!had_xdp || !bpf_link_update(p->xdp_link, program(k, l), NULL))
		return;
	pin_link_drop(k->pin_dir, l->ifindex, "xdp", &p->xdp_link);
	hook_xdp_sync(k, l, true);
}

void hook_check(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	if (!hook_dev_exists(l))
		return;
	if (p->xdp_link >= 0 && pin_link_ifindex(p->xdp_link) != l->ifindex) {
		log_warn("%s: the XDP hook was removed: putting it back", l->name);
		pin_link_drop(k->pin_dir, l->ifindex, "xdp", &p->xdp_link);
		port_sync(k, l);
	}
	if (p->tc == HOOK_TCX && pin_link_ifindex(p->tc_link) != l->ifindex) {
		log_warn("%s: the tc hook was removed: putting it back", l->name);
		pin_link_drop(k->pin_dir, l->ifindex, "tc", &p->tc_link);
		p->tc = HOOK_NONE;
		hook_tc_sync(k, l);
	}
	hook_egress_check(k, l);
	if (others_changed(l)) {
		others_look(k, l);
		port_sync(k, l);
	}
}
