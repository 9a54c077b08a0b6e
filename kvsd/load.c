// SPDX-License-Identifier: GPL-2.0-only
/* Programs and maps: loaded, pinned, taken over from a daemon before this one. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kfunc.h"
#include "load.h"
#include "log.h"
#include "pin.h"
#include "probe.h"
#include "util.h"

#include "kvs.skel.h" /* wants the ABI first */

#define N_MAPS 7

static const char *const map_names[N_MAPS] = {"kvs_ports",   "kvs_fdb",      "kvs_vlans",
					      "kvs_devmap",  "kvs_counters", "kvs_state",
					      "kvs_switches"};
static const char *const prog_names[] = {"kvs_xdp", "kvs_ingress"};

/* The jiffies of a second: the coarse clock ticks with them. */
static uint32_t jiffies_per_second(void)
{
	struct timespec res;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &res) || !res.tv_nsec)
		return 250;
	return (1000000000 + res.tv_nsec / 2) / res.tv_nsec;
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

static int set_sizes(struct load *load)
{
	struct kvs_bpf *skel = load->skel;

	skel->rodata->kvs_config.port_mask = load->slots - 1;
	skel->rodata->kvs_config.stale_after = load_jiffies(100 * KVS_STALE_AFTER);
	skel->rodata->kvs_config.second = load_jiffies(100);
	skel->rodata->kvs_config.has_kern_ctx = kfunc_exists("bpf_cast_to_kern_ctx");
	return bpf_map__set_max_entries(skel->maps.kvs_ports, load->slots) ?:
	       bpf_map__set_max_entries(skel->maps.kvs_devmap, load->slots) ?:
	       bpf_map__set_max_entries(skel->maps.kvs_counters, load->slots) ?:
	       bpf_map__set_max_entries(skel->maps.kvs_vlans, load->slots) ?:
	       bpf_map__set_max_entries(skel->maps.kvs_fdb, load->fdb_max);
}

/* Whether what is pinned under the map's name can be used in its place. */
static bool fits(const char *pin_dir, const struct bpf_map *map)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(pin_dir, bpf_map__name(map), &info);

	return fd >= 0 && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map);
}

static void same_abi(int ifindex, const struct kvs_switch *sw, void *data)
{
	if (sw->abi != KVS_ABI)
		*(bool *)data = false;
}

/* All or none: the maps point into one another. */
static bool all_fit(const char *pin_dir, const struct load *load)
{
	bool ok = true;

	for (size_t i = 0; i < N_MAPS && ok; i++)
		ok = fits(pin_dir, bpf_object__find_map_by_name(load->skel->obj, map_names[i]));
	if (ok)
		pin_switches(pin_dir, same_abi, &ok);
	return ok;
}

static int reuse_maps(const char *pin_dir, struct load *load)
{
	for (size_t i = 0; i < N_MAPS; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(load->skel->obj, map_names[i]);
		struct bpf_map_info info;
		_close_ int fd = pin_map(pin_dir, map_names[i], &info);
		int rc = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);

		if (rc)
			return rc;
	}
	return 0;
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
	load->xdp = bpf_program__fd(skel->progs.kvs_xdp);
	load->ingress = bpf_program__fd(skel->progs.kvs_ingress);
	load->heartbeat = bpf_program__fd(skel->progs.kvs_heartbeat);
}

/* 0 or -errno */
static int share_state(struct load *load)
{
	void *page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			  load->state, 0);

	if (page == MAP_FAILED)
		return -errno;
	load->shared = page;
	return 0;
}

static int start_state(const struct load *load)
{
	struct kvs_state state = {.netns = pin_namespace()};
	uint32_t zero = 0;

	return bpf_map_update_elem(load->state, &zero, &state, 0) ?: load_heartbeat(load);
}

static int load_into(struct load *load, const char *pin_dir, struct err *err)
{
	int rc;

	load->skel = kvs_bpf__open();
	if (!load->skel)
		return err_set(err, -errno, "cannot open the BPF programs: %s", strerror(errno));
	/* it has no stages yet, and what is off costs nothing */
	bpf_program__set_autoload(load->skel->progs.kvs_egress, false);
	rc = set_sizes(load);
	if (!rc && all_fit(pin_dir, load)) {
		load->is_takeover = true;
		rc = reuse_maps(pin_dir, load);
	}
	rc = rc ?: kvs_bpf__load(load->skel);
	if (rc)
		return probe_kernel(err)
			       ?: err_set(err, rc,
					  "the kernel refused the BPF programs or maps: %s (start kvsd with --debug to see its words)",
					  strerror(-rc));
	take_fds(load);
	rc = share_state(load);
	if (rc)
		return err_set(err, rc, "cannot map kvs_state: %s", strerror(-rc));
	/* what is taken over may be stale: the fast path goes on only after it was read anew */
	rc = load->is_takeover ? 0 : start_state(load);
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
	rc = load_into(load, pin_dir, err);
	if (rc) {
		load_close(load);
		return rc;
	}
	*out = load;
	return 0;
}

int load_pin(const struct load *load, const char *pin_dir, struct err *err)
{
	struct bpf_object *obj = load->skel->obj;
	int rc = 0;

	for (size_t i = 0; i < N_MAPS && !rc && !load->is_takeover; i++)
		rc = pin_set(pin_dir, map_names[i],
			     bpf_object__find_map_fd_by_name(obj, map_names[i]), err);
	for (size_t i = 0; i < ARRAY_SIZE(prog_names) && !rc; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, prog_names[i]);

		rc = pin_set(pin_dir, prog_names[i], bpf_program__fd(prog), err);
	}
	return rc;
}

void load_close(struct load *load)
{
	if (!load)
		return;
	if (load->shared)
		munmap(load->shared, sysconf(_SC_PAGESIZE));
	kvs_bpf__destroy(load->skel);
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

static uint64_t memlock_of(int fd)
{
	char path[64], line[128];
	_fclose_ FILE *f = NULL;
	uint64_t bytes = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %lu", &bytes) == 1)
			break;
	return bytes;
}

void load_memory(const struct load *load, uint64_t *maps, uint64_t *programs)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	*maps = *programs = 0;
	if (!load)
		return;
	bpf_object__for_each_map(map, load->skel->obj)
		*maps += memlock_of(bpf_map__fd(map));
	bpf_object__for_each_program(prog, load->skel->obj)
		if (bpf_program__fd(prog) >= 0)
			*programs += memlock_of(bpf_program__fd(prog));
}
