// SPDX-License-Identifier: GPL-2.0-only
/* /v1/ports: see docs/api.md. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <string.h>

#include "api.h"
#include "event.h"
#include "group.h"
#include "netfilter.h"
#include "others.h"
#include "peer.h"
#include "port.h"
#include "settings.h"
#include "switch.h"

/* clang-format off */
#define SETTINGS {"path", HTTP_STRING, false}, {"isolated", HTTP_BOOL, false}, \
	{"hairpin", HTTP_BOOL, false}, {"learning", HTTP_BOOL, false}, {"group", HTTP_STRING, false}
/* clang-format on */

const struct http_field port_show_fields[] = {{"switch", HTTP_STRING, false}, {}};
const struct http_field port_set_fields[] = {SETTINGS, {}};
const struct http_field port_add_fields[] = {
	{"name", HTTP_STRING, true}, {"switch", HTTP_STRING, true}, SETTINGS, {}};

static bool is_following(const struct kvsd *k, const struct link *l)
{
	return link_get(&k->links, l->master)->sw->netfilter == KVS_NETFILTER_FOLLOW;
}

/* Why nothing of the port is fast; "" if it is. */
static const char *slow_reason(struct kvsd *k, struct link *l)
{
	const struct port *p = l->port;

	if (!p)
		return "limits.ports is reached: raise it in kvs.yaml and restart kvsd";
	if (p->tc == HOOK_NONE)
		return p->tc_error;
	if (l->brport & LINK_LOCKED)
		return "the port is locked: the bridge authorises sources";
	if (l->has_switch_id)
		return "the port is one of switch hardware";
	if (l->brport & LINK_VLAN_TUNNEL)
		return "the port maps VLANs to tunnels (vlan_tunnel)";
	if (others_shadow(k, l))
		return "a tc filter ahead of KVS ends the chain (its action is ok, not pipe or continue)";
	if (is_following(k, l) && *netfilter_of_port(k, l, false))
		return netfilter_of_port(k, l, false);
	return switch_reason(k, link_get(&k->links, l->master));
}

enum kvs_path port_path_now(struct kvsd *k, struct link *l, const char **reason)
{
	const struct port *p = l->port;

	*reason = slow_reason(k, l);
	if (**reason || p->path == KVS_PATH_SLOW)
		return KVS_PATH_SLOW;
	*reason = p->xdp_error;
	if (!**reason && is_following(k, l))
		*reason = netfilter_of_port(k, l, true);
	if (!**reason && p->path == KVS_PATH_AUTO)
		*reason = p->watch.reason;
	return p->xdp_link >= 0 ? KVS_PATH_XDP : KVS_PATH_TC;
}

static const char *state_name(uint8_t state)
{
	static const char *const names[] = {"disabled", "listening", "learning", "forwarding",
					    "blocking"};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

static json_t *to_json(struct kvsd *k, struct link *l)
{
	static const char *const tc_names[] = {"none", "tcx", "clsact"};
	const struct port *p = l->port;
	struct kvs_group buf;
	const char *reason;
	enum kvs_path now = port_path_now(k, l, &reason);

	return json_pack(
		"{s:s s:i s:s s:s s:s s:i s:s s:s s:s s:i s:s s:s s:s s:b s:b s:b s:s}", "name",
		l->name, "ifindex", l->ifindex, "switch", link_get(&k->links, l->master)->name,
		"kind", *l->kind ? l->kind : "device", "state", state_name(l->state), "mtu", l->mtu,
		"path", path_name(p ? p->path : KVS_PATH_AUTO), "path_now", path_name(now),
		"path_reason", reason, "path_changes", p ? (int)p->watch.changes : 0, "hook_tc",
		tc_names[p ? p->tc : HOOK_NONE], "hook_xdp",
		p && p->xdp_link >= 0 ? "native" : "none", "peer_gro", peer_state(k, l), "isolated",
		l->brport & LINK_ISOLATED, "hairpin", l->brport & LINK_HAIRPIN, "learning",
		l->brport & LINK_LEARNING, "group", group_name(k, l, &buf));
}

bool port_is_ours(const struct kvsd *k, const struct link *l)
{
	const struct link *master = l->is_port ? link_get(&k->links, l->master) : NULL;

	return master && master->sw;
}

int port_find(struct kvsd *k, const char *name, struct link **out, struct err *err)
{
	struct link *found = link_by_name(&k->links, name);
	const char *names[1024], *like;
	size_t n = 0;

	if (found && port_is_ours(k, found)) {
		*out = found;
		return 0;
	}
	if (found)
		return err_set(err, -ENOENT,
			       "%s is in no switch: 'kvs port add %s SWITCH' puts it into one",
			       name, name);
	links_for_each(&k->links, l)
		if (port_is_ours(k, l) && n < ARRAY_SIZE(names))
			names[n++] = l->name;
	like = suggest(name, names, n);
	return err_set(err, -ENOENT, "no port named '%s'%s%s%s", name,
		       like ? ": did you mean '" : "", like ?: "",
		       like ? "'?" : "; 'kvs port show' lists them");
}

int port_show(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	json_t *list;
	int rc = api_check_filter(rq, err);

	if (rc)
		return rc;
	list = json_array();
	netns_begin(&k->netns);
	links_for_each(&k->links, l)
		if (port_is_ours(k, l) && api_wants(rq, l))
			json_array_append_new(list, to_json(k, l));
	netns_end(&k->netns);
	api_sort(list);
	*answer = json_pack("{s:o}", "ports", list);
	return 0;
}

int port_show_one(struct http_request *rq, json_t **answer, struct err *err)
{
	struct link *l;
	int rc = port_find(rq->ctx, rq->arg[0], &l, err);

	if (!rc)
		*answer = to_json(rq->ctx, l);
	return rc;
}

static int read_settings(const struct http_request *rq, struct port_settings *set, struct err *err)
{
	static const char *const names[] = {"auto", "xdp", "tc", "slow"};
	const char *path = http_string(rq, "path"), *like;
	enum kvs_path parsed;

	set->path = UNSET;
	set->isolated = http_int(rq, "isolated", UNSET);
	set->hairpin = http_int(rq, "hairpin", UNSET);
	set->learning = http_int(rq, "learning", UNSET);
	set->group = (char *)http_string(rq, "group");
	if (set->group && !group_is_name(set->group))
		return err_set(err, -EINVAL, "'%.40s' is no group: " GROUP_RULE, set->group);
	if (!path)
		return 0;
	if (path_parse(path, &parsed)) {
		like = suggest(path, names, ARRAY_SIZE(names));
		return err_set(err, -EINVAL, "path '%s' is not one of auto, xdp, tc, slow%s%s%s",
			       path, like ? ": did you mean '" : "", like ?: "", like ? "'?" : "");
	}
	set->path = parsed;
	return 0;
}

int port_set(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct port_settings set;
	struct link *l;
	int rc;

	nl_drain(k->nl);
	rc = port_find(k, rq->arg[0], &l, err) ?: read_settings(rq, &set, err);
	if (rc)
		return rc;
	if (!l->port && (set.path != UNSET || set.group))
		return err_set(err, -EBUSY, "%s: %s", l->name, slow_reason(k, l));
	rc = settings_set(k, l, &set, err);
	nl_drain(k->nl); /* so that the next request sees it done */
	return rc;
}

int port_add_one(struct http_request *rq, json_t **answer, struct err *err)
{
	const char *name = http_string(rq, "name");
	struct kvsd *k = rq->ctx;
	struct port_settings set;
	struct link *l, *bridge;
	int rc;

	nl_drain(k->nl);
	rc = read_settings(rq, &set, err)
		     ?: switch_find(k, http_string(rq, "switch"), &bridge, err);
	if (rc)
		return rc;
	l = link_by_name(&k->links, name);
	if (!l)
		return err_set(
			err, -ENODEV,
			"no device named '%s' in this network namespace: 'ip link' lists them",
			name);
	rc = settings_join(k, l, bridge, err);
	if (rc)
		return rc;
	nl_drain(k->nl);
	l = link_by_name(&k->links, name);
	rc = l ? settings_set(k, l, &set, err)
	       : err_set(err, -ENODEV, "%s went while it joined", name);
	if (rc && l)
		settings_leave(k, l, NULL);
	nl_drain(k->nl);
	return rc;
}

int port_del(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct link *l;
	int rc = port_find(k, rq->arg[0], &l, err) ?: settings_leave(k, l, err);

	nl_drain(k->nl);
	return rc;
}
