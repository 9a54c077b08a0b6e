// SPDX-License-Identifier: GPL-2.0-only
/* Groups of ports: names, numbers, and the programs that look at them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "group.h"
#include "hook.h"
#include "pin.h"
#include "swap.h"

#define IDLE_MAX 10 /* seconds without a group until the programs do without */

static bool is_on(const struct kvsd *k)
{
	return k->load && (k->load->features & LOAD_GROUP);
}

/* From the maps of a daemon before this one that could not be taken over: the ports have its
 * numbers. */
static void take_names(struct kvsd *k)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(k->pin_dir, "kvs_groups", &info);
	uint32_t key, *prev = NULL;
	struct kvs_group group;

	if (fd < 0 || info.value_size != sizeof(group))
		return;
	for (; !bpf_map_get_next_key(fd, prev, &key); prev = &key)
		if (!bpf_map_lookup_elem(fd, &key, &group))
			bpf_map_update_elem(k->load->groups, &key, &group, BPF_NOEXIST);
}

/* 0 where no community is called so. */
static uint16_t find(const struct kvsd *k, const char *name)
{
	uint32_t key, *prev = NULL;
	struct kvs_group group;

	for (; !bpf_map_get_next_key(k->load->groups, prev, &key); prev = &key)
		if (!bpf_map_lookup_elem(k->load->groups, &key, &group) &&
		    !strcmp(group.name, name))
			return key;
	return 0;
}

static bool is_used(const struct kvsd *k, uint16_t number)
{
	links_for_each(&k->links, l)
		if (l->port && (l->port->group == number || l->port->abi.group == number))
			return true;
	return false;
}

/* Communities without a port make room for others. At start the ports are not known yet. */
static void forget_unused(struct kvsd *k)
{
	uint32_t key, next;
	bool more = !bpf_map_get_next_key(k->load->groups, NULL, &key);

	while (more && !k->is_starting) {
		more = !bpf_map_get_next_key(k->load->groups, &key, &next);
		if (!is_used(k, key))
			bpf_map_delete_elem(k->load->groups, &key);
		key = next;
	}
}

static int add(struct kvsd *k, const char *name, uint16_t *number, struct err *err)
{
	struct kvs_group group = {};
	int rc;

	forget_unused(k);
	snprintf(group.name, sizeof(group.name), "%s", name);
	for (uint32_t key = KVS_GROUP_COMMUNITY; key <= UINT16_MAX; key++) {
		if (is_used(k, key))
			continue;
		rc = bpf_map_update_elem(k->load->groups, &key, &group, BPF_NOEXIST);
		if (rc == -EEXIST)
			continue;
		*number = key;
		return rc ? err_set(err, rc, "no room in kvs_groups: %s", strerror(-rc)) : 0;
	}
	return err_set(err, -ENOSPC, "too many communities");
}

/* With the programs that look at it at work. */
static int number_of(struct kvsd *k, const char *name, uint16_t *number, struct err *err)
{
	int rc;

	if (!strcmp(name, GROUP_PROMISCUOUS)) {
		*number = KVS_GROUP_PROMISCUOUS;
		return 0;
	}
	rc = swap_add(k, LOAD_GROUP | LOAD_EGRESS, err);
	if (rc)
		return rc;
	k->group_idle = 0;
	if (k->is_starting)
		take_names(k);
	*number = !strcmp(name, GROUP_ISOLATED) ? (uint16_t)KVS_GROUP_ISOLATED : find(k, name);
	return *number ? 0 : add(k, name, number, err);
}

int group_set(struct kvsd *k, struct link *l, const char *name, struct err *err)
{
	struct port *p = l->port;
	uint16_t was = p->group, now;
	struct err why;
	int rc = number_of(k, name, &now, &why);

	if (rc)
		return err_set(err, rc, "%s: no group %s: %s", l->name, name, why.text);
	p->group = now;
	p->group_error[0] = '\0';
	port_sync(k, l);
	if (!*p->egress_error)
		return 0;
	err_set(err, -EBUSY, "%s: no group %s: %s", l->name, name, p->egress_error);
	p->group = was;
	port_sync(k, l);
	return -EBUSY;
}

/* A community without a name stays apart from all that have one. */
static void join(struct kvsd *k, struct link *l, const char *name)
{
	struct port *p = l->port;
	struct err err;

	p->group_error[0] = '\0';
	if (!number_of(k, name, &p->group, &err))
		return;
	log_err("%s: kept out of its switch: no group %s: %s", l->name, name, err.text);
	snprintf(p->group_error, sizeof(p->group_error), "no group %.15s: %.120s", name, err.text);
	p->group = KVS_GROUP_ISOLATED;
}

void group_join(struct kvsd *k, struct link *l)
{
	struct port_settings set;
	struct kvs_group buf;
	const char *sw;

	config_port_settings(k->config, l->name, &set, &sw);
	if (set.group)
		join(k, l, set.group);
	else if (l->port->group)
		join(k, l, group_name(k, l, &buf));
}

const char *group_name(const struct kvsd *k, const struct link *l, struct kvs_group *buf)
{
	uint32_t key = l->port ? l->port->group : KVS_GROUP_PROMISCUOUS;

	if (key == KVS_GROUP_PROMISCUOUS)
		return GROUP_PROMISCUOUS;
	if (key == KVS_GROUP_ISOLATED)
		return GROUP_ISOLATED;
	if (!is_on(k) || bpf_map_lookup_elem(k->load->groups, &key, buf))
		snprintf(buf->name, sizeof(buf->name), "%u", key);
	return buf->name;
}

const char *group_error(const struct link *l)
{
	const struct port *p = l->port;

	if (!p || !p->group)
		return "";
	return *p->group_error ? p->group_error : p->egress_error;
}

bool group_wants_egress(const struct kvsd *k, const struct link *l)
{
	return (is_on(k) && l->port->group != KVS_GROUP_PROMISCUOUS) || admit_is_at(k, l);
}

void group_tick(struct kvsd *k)
{
	if (!is_on(k))
		return;
	k->group_idle++;
	links_for_each(&k->links, l)
		if (l->port && l->port->group)
			k->group_idle = 0;
	if (k->group_idle < IDLE_MAX)
		return;
	k->group_idle = 0;
	swap_drop(k, LOAD_GROUP | (k->load->features & LOAD_ADMIT ? 0 : LOAD_EGRESS));
}
