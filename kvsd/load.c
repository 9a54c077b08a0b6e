// SPDX-License-Identifier: GPL-2.0-only
/* Programs and maps: loaded, pinned, taken over from a daemon before this one. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "kfunc.h"
#include "load_maps.h"
#include "log.h"
#include "pin.h"
#include "probe.h"
#include "util.h"

#include "kvs.skel.h" /* wants the ABI first */

static const char *const prog_names[] = {"kvs_xdp", "kvs_ingress", "kvs_egress", "kvs_bridge_in",
					 "kvs_bridge_out"};

/* ns of a jiffy: the coarse clock ticks with them */
static uint32_t tick(void)
{
	struct timespec res;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &res) || !res.tv_nsec ? 4000000 : res.tv_nsec;
}

static uint32_t jiffies_per_second(void)
{
	return (1000000000 + tick() / 2) / tick();
}

uint32_t load_jiffies(uint64_t centiseconds)
{
	uint64_t jiffies = centiseconds * jiffies_per_second() / 100;

	return jiffies > UINT32_MAX ? UINT32_MAX : jiffies;
}

/* Half full at most, so that a few probes find a place. */
static uint32_t slots_for(uint32_t ports)
{
	uint32_t slots = KVS_PORT_PROBES;

	while (slots < 2 * ports)
		slots *= 2;
	return slots;
}

static void set_constants(const struct load *load, struct kvs_bpf *skel, unsigned int features)
{
	skel->rodata->kvs_config.port_mask = load->slots - 1;
	skel->rodata->kvs_config.stale_after = load_jiffies(100 * KVS_STALE_AFTER);
	skel->rodata->kvs_config.second = load_jiffies(100);
	skel->rodata->kvs_config.tick = tick();
	skel->rodata->kvs_config.has_kern_ctx = kfunc_exists("bpf_cast_to_kern_ctx");
	skel->rodata->kvs_config.has_guard = !!(features & LOAD_GUARD);
	skel->rodata->kvs_config.has_limit = !!(features & LOAD_LIMIT);
	skel->rodata->kvs_config.has_group = !!(features & LOAD_GROUP);
	skel->rodata->kvs_config.has_admit = !!(features & LOAD_ADMIT);
}

static void take_fds(struct load *load)
{
	struct kvs_bpf *skel = load->skel;

	load->ports = bpf_map__fd(skel->maps.kvs_ports);
	load->fdb = bpf_map__fd(skel->maps.kvs_fdb);
	load->vlans = bpf_map__fd(skel->maps.kvs_vlans);
	load->devmap = bpf_map__fd(skel->maps.kvs_devmap);
	load->counters = bpf_map__fd(skel->maps.kvs_counters);
	load->state = bpf_map__fd(skel->maps.kvs_state);
	load->switches = bpf_map__fd(skel->maps.kvs_switches);
	load->guards = bpf_map__fd(skel->maps.kvs_guards);
	load->guard_macs = bpf_map__fd(skel->maps.kvs_guard_macs);
	load->guard_addrs = bpf_map__fd(skel->maps.kvs_guard_addrs);
	load->guard_counters = bpf_map__fd(skel->maps.kvs_guard_counters);
	load->limits = bpf_map__fd(skel->maps.kvs_limits);
	load->groups = bpf_map__fd(skel->maps.kvs_groups);
	load->egress_counters = bpf_map__fd(skel->maps.kvs_egress_counters);
	load->admit_counters = bpf_map__fd(skel->maps.kvs_admit_counters);
	load->bridge_in = bpf_program__fd(skel->progs.kvs_bridge_in);
	load->bridge_out = bpf_program__fd(skel->progs.kvs_bridge_out);
	load->egress = bpf_program__fd(skel->progs.kvs_egress);
	load->xdp = bpf_program__fd(skel->progs.kvs_xdp);
	load->ingress = bpf_program__fd(skel->progs.kvs_ingress);
	load->heartbeat = bpf_program__fd(skel->progs.kvs_heartbeat);
}

static void *share(int map, size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

static void *share_while(bool is_on, int map, size_t bytes, void *pages)
{
	if (is_on && !pages)
		return share(map, bytes);
	if (!is_on && pages)
		munmap(pages, bytes);
	return is_on ? pages : NULL;
}

/* What the hooks count in has to be changed in place. 0 or -errno */
static int share_guards(struct load *load)
{
	bool guards = load->features & LOAD_GUARD, limits = load->features & LOAD_LIMIT;

	load->guard_shared =
		share_while(guards, load->guards, load->slots * sizeof(*load->guard_shared),
			    load->guard_shared);
	if (guards && !load->guard_shared)
		return -errno;
	load->limit_shared =
		share_while(limits, load->limits, load->slots * sizeof(*load->limit_shared),
			    load->limit_shared);
	return limits && !load->limit_shared ? -errno : 0;
}

/* 0 or -errno */
static int share_state(struct load *load)
{
	load->shared = share(load->state, sysconf(_SC_PAGESIZE));
	return load->shared ? share_guards(load) : -errno;
}

/* The same as before where that can be known: programs of the load before are at work. */
static uint32_t mark_of(const char *pin_dir)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(pin_dir, "kvs_state", &info);
	struct kvs_state state;
	uint32_t zero = 0;
	uint16_t mark = 0;

	if (fd >= 0 && info.value_size == sizeof(state) && !bpf_map_lookup_elem(fd, &zero, &state))
		mark = state.mark;
	while (!mark)
		getrandom(&mark, sizeof(mark), 0);
	return mark;
}

static int start_state(const struct load *load, const char *pin_dir)
{
	struct kvs_state state = {.netns = pin_namespace(), .mark = mark_of(pin_dir)};
	uint32_t zero = 0;

	return bpf_map_update_elem(load->state, &zero, &state, 0) ?: load_heartbeat(load);
}

/* At hand before they are needed, since nothing else may be had then. */
static int load_shut(enum bpf_prog_type type, int verdict)
{
	const struct bpf_insn drop[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = verdict},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);

	if (type == BPF_PROG_TYPE_XDP)
		opts.prog_flags = BPF_F_XDP_HAS_FRAGS;
	return bpf_prog_load(type, "kvs_shut", "GPL", drop, ARRAY_SIZE(drop), &opts);
}

static int load_shuts(struct load *load)
{
	load->shut_xdp = load_shut(BPF_PROG_TYPE_XDP, XDP_DROP);
	load->shut_ingress = load_shut(BPF_PROG_TYPE_SCHED_CLS, TC_ACT_SHOT);
	return load->shut_xdp < 0       ? load->shut_xdp
	       : load->shut_ingress < 0 ? load->shut_ingress
					: 0;
}

/* 0, with the programs opened and of the sizes in load. */
static int open_skel(const struct load *load, unsigned int features, struct kvs_bpf **out,
		     struct err *err)
{
	struct kvs_bpf *skel = kvs_bpf__open();
	int rc;

	if (!skel)
		return err_set(err, -errno, "cannot open the BPF programs: %s", strerror(errno));
	bpf_program__set_autoload(skel->progs.kvs_egress, features & LOAD_EGRESS);
	bpf_program__set_autoload(skel->progs.kvs_bridge_in, features & LOAD_ADMIT);
	bpf_program__set_autoload(skel->progs.kvs_bridge_out, features & LOAD_ADMIT);
	*out = skel;
	set_constants(load, skel, features);
	rc = load_maps_size(load, skel->obj, features);
	return rc ? err_set(err, rc, "cannot set the sizes of the maps: %s", strerror(-rc)) : 0;
}

static int refused(int rc, struct err *err)
{
	return probe_kernel(err)
		       ?: err_set(err, rc,
				  "the kernel refused the BPF programs or maps: %s (start kvsd with --debug to see its words)",
				  strerror(-rc));
}

static int load_into(struct load *load, const char *pin_dir, struct err *err)
{
	int rc = open_skel(load, load->features, &load->skel, err);

	if (rc)
		return rc;
	load->taken = load_maps_fitting(pin_dir, load->skel->obj, load->features);
	rc = load_maps_take(pin_dir, load->skel->obj, load->taken) ?:
	     kvs_bpf__load(load->skel) ?: load_shuts(load);
	if (rc)
		return refused(rc, err);
	take_fds(load);
	rc = share_state(load);
	if (rc)
		return err_set(err, rc, "cannot map kvs_state: %s", strerror(-rc));
	/* what is taken over may be stale: the fast path goes on only after it was read anew */
	rc = load->taken ? 0 : start_state(load, pin_dir);
	return rc ? err_set(err, rc, "the heartbeat program does not run: %s", strerror(-rc)) : 0;
}

int load_open(const char *pin_dir, const struct config_limits *limits, struct load **out,
	      struct err *err)
{
	struct load *load = calloc(1, sizeof(*load));
	int rc;

	if (!load)
		return err_set(err, -ENOMEM, "out of memory");
	load->slots = slots_for(limits->ports);
	load->fdb_max = limits->fdb;
	load->guard_max = limits->guard_entries;
	load->features = load_maps_pinned(pin_dir);
	load->shut_xdp = load->shut_ingress = -1;
	rc = load_into(load, pin_dir, err);
	if (rc) {
		load_close(load);
		return rc;
	}
	*out = load;
	return 0;
}

static int pin_programs(const struct load *load, const char *pin_dir, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(prog_names) && !rc; i++) {
		struct bpf_program *prog =
			bpf_object__find_program_by_name(load->skel->obj, prog_names[i]);

		if (bpf_program__fd(prog) < 0)
			pin_unset(pin_dir, prog_names[i]);
		else
			rc = pin_set(pin_dir, prog_names[i], bpf_program__fd(prog), err);
	}
	return rc;
}

int load_pin(const struct load *load, const char *pin_dir, struct err *err)
{
	int rc = load_maps_pin(load->skel->obj, pin_dir, load->features & ~load->taken, err);

	load_maps_unpin(pin_dir, ~load->features);
	return rc ?: pin_programs(load, pin_dir, err);
}

static int load_anew(const struct load *load, unsigned int features, struct kvs_bpf **out,
		     struct err *err)
{
	struct kvs_bpf *skel = NULL;
	int rc = open_skel(load, features, &skel, err);

	if (!rc) {
		rc = load_maps_share(load->skel->obj, skel->obj, features & load->features)
			     ?: kvs_bpf__load(skel);
		rc = rc ? refused(rc, err) : 0;
	}
	if (rc)
		kvs_bpf__destroy(skel);
	else
		*out = skel;
	return rc;
}

static void use(struct load *load, struct kvs_bpf *skel, unsigned int features)
{
	load->skel = skel;
	load->features = features;
	load->taken &= features;
	take_fds(load);
}

int load_switch(struct load *load, const char *pin_dir, unsigned int features, struct err *err)
{
	unsigned int more = features & ~load->features;
	struct load was = *load;
	struct kvs_bpf *skel;
	int rc = load_anew(load, features, &skel, err);

	if (rc)
		return rc;
	use(load, skel, features);
	rc = share_guards(load);
	if (rc)
		err_set(err, rc, "cannot map kvs_guards: %s", strerror(-rc));
	if (!rc && pin_dir)
		rc = load_maps_pin(skel->obj, pin_dir, more, err);
	if (!rc) {
		load->before = was.skel;
		return 0;
	}
	if (pin_dir)
		load_maps_unpin(pin_dir, more);
	use(load, was.skel, was.features);
	share_guards(load);
	kvs_bpf__destroy(skel);
	return rc;
}

void load_switched(struct load *load, const char *pin_dir)
{
	kvs_bpf__destroy(load->before);
	load->before = NULL;
	if (!pin_dir)
		return;
	pin_programs(load, pin_dir, NULL);
	load_maps_unpin(pin_dir, ~load->features);
}

void load_close(struct load *load)
{
	if (!load)
		return;
	if (load->shared)
		munmap(load->shared, sysconf(_SC_PAGESIZE));
	load->features = 0;
	share_guards(load);
	kvs_bpf__destroy(load->skel);
	close_p(&load->shut_xdp);
	close_p(&load->shut_ingress);
	free(load);
}

int load_heartbeat(const struct load *load)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(load->heartbeat, &opts);
}

struct kvs_state load_state(const struct load *load)
{
	return *load->shared;
}

void load_changed(const struct load *load)
{
	__atomic_add_fetch(&load->shared->version, 1, __ATOMIC_SEQ_CST);
}

void load_memory(const struct load *load, uint64_t *maps, uint64_t *programs)
{
	*maps = *programs = 0;
	if (load)
		load_maps_memory(load->skel->obj, maps, programs);
}
