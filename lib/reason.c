// SPDX-License-Identifier: GPL-2.0-only
/* Names and texts of the reasons in include/kvs/abi.h. */
#include "reason.h"
#include "util.h"

static const struct reason drops[] = {
	[KVS_DROP_BAD_SOURCE] = {"bad_source",
				 "source is a group address or zero, which the bridge drops too"},
	[KVS_DROP_NO_MEMORY] = {"no_memory", "no memory to put a VLAN tag in or take it off"},
	[KVS_DROP_GROUP] = {"group", "the groups of the two ports may not talk to each other"},
	[KVS_DROP_NOT_ADMITTED] = {"not_admitted",
				   "by a port whose guard or group is not in place yet"},
	[KVS_DROP_SHUT] = {"shut", "the port's guard could not be installed: see kvs status"},
	[KVS_DROP_TAG] = {"tag", "a VLAN tag, which the port's guard does not allow"},
	[KVS_DROP_ETHERTYPE] = {"ethertype", "an ethertype that the port's guard does not allow"},
	[KVS_DROP_LINK_LOCAL] = {"link_local", "to a link-local group: a BPDU, LLDP, LACP or such"},
	[KVS_DROP_MAC] = {"mac", "source MAC is not one of the port's"},
	[KVS_DROP_MAC_CLAIMED] = {"mac_claimed", "source MAC is sticky at another port"},
	[KVS_DROP_MAC_LIMIT] = {"mac_limit", "one source MAC more than the port may have"},
	[KVS_DROP_MALFORMED] = {"malformed", "cut or contradictory headers, which hide what it is"},
	[KVS_DROP_FRAGMENT] = {"fragment", "a fragment that hides or overwrites headers"},
	[KVS_DROP_ARP] = {"arp", "ARP that claims an address that is not the port's"},
	[KVS_DROP_IPV4] = {"ipv4", "IPv4 source is not one of the port's addresses"},
	[KVS_DROP_IPV6] = {"ipv6", "IPv6 source is not one of the port's addresses"},
	[KVS_DROP_ND] = {"nd", "neighbour discovery that claims what is not the port's"},
	[KVS_DROP_ROUTER] = {"router", "a router advertisement or redirect"},
	[KVS_DROP_DHCP] = {"dhcp", "an answer of a DHCP server"},
	[KVS_DROP_RATE] = {"rate", "more than the port's rate"},
	[KVS_DROP_STORM_BROADCAST] = {"storm_broadcast", "more broadcast than the port may send"},
	[KVS_DROP_STORM_MULTICAST] = {"storm_multicast", "more multicast than the port may send"},
	[KVS_DROP_STORM_UNKNOWN] = {"storm_unknown",
				    "more to unknown stations than the port may send"},
};

static const struct reason slows[] = {
	[KVS_GO] = {"none", "not slow"},
	[KVS_SLOW_STALE] = {"stale",
			    "kvsd has not been heard of for 30 s: the bridge does all the work"},
	[KVS_SLOW_PATH] = {"path", "path slow is configured"},
	[KVS_SLOW_STATE] = {"port_state", "the port is not forwarding"},
	[KVS_SLOW_MST] = {"mst", "the bridge has a spanning tree per VLAN"},
	[KVS_SLOW_VLAN_STATS] = {"vlan_stats", "the bridge counts frames by VLAN"},
	[KVS_SLOW_VLAN_TUNNEL] = {"vlan_tunnel", "the port, or the target, maps VLANs to tunnels"},
	[KVS_SLOW_NETFILTER] = {"netfilter",
				"netfilter rules see the frame: the bridge applies them"},
	[KVS_SLOW_PROMISC] = {"promisc",
			      "somebody listens on the bridge device and wants every frame"},
	[KVS_SLOW_LOCKED] = {"locked", "the port is locked: the bridge authorises sources"},
	[KVS_SLOW_OFFLOADED] = {"offloaded",
				"switch hardware may have forwarded the frame already"},
	[KVS_SLOW_VLAN_UPPER] = {"vlan_upper",
				 "tagged, and the port carries VLAN devices of its own"},
	[KVS_SLOW_SUPPRESS] = {"suppress",
			       "ARP or ND that the bridge may answer in the target's place"},
	[KVS_SLOW_CONTROL] = {"control", "of MRP or CFM, which the bridge may speak itself"},
	[KVS_SLOW_MULTICAST] = {"multicast",
				"group or broadcast destination: the bridge floods or snoops"},
	[KVS_SLOW_TAGS] = {"tags", "too short for its tags to be judged"},
	[KVS_SLOW_VLAN] = {"vlan",
			   "the port, or the target, is not in the frame's VLAN or blocks it"},
	[KVS_SLOW_SRC_UNKNOWN] = {"source_unknown", "source to be learned by the bridge"},
	[KVS_SLOW_SRC_MOVED] = {"source_moved", "source known on another port"},
	[KVS_SLOW_REFRESH] =
		{"refresh", "the bridge hears each station now and then, so as not to age it out"},
	[KVS_SLOW_DST_UNKNOWN] = {"dest_unknown",
				  "destination to be flooded by the bridge, or its own"},
	[KVS_SLOW_HAIRPIN] = {"hairpin", "destination is on the port the frame came from"},
	[KVS_SLOW_TARGET] = {"target", "the target port is not forwarding, or gone"},
	[KVS_SLOW_ISOLATED] = {"isolated", "both ports are isolated"},
	[KVS_SLOW_MTU] = {"mtu", "longer than the target's MTU allows"},
};

_Static_assert(ARRAY_SIZE(drops) == KVS_DROP_MAX, "a reason without a name");
_Static_assert(ARRAY_SIZE(slows) == KVS_SLOW_MAX, "a reason without a name");

const struct reason *reason_of_drop(enum kvs_drop why)
{
	return &drops[why];
}

const struct reason *reason_of_slow(enum kvs_slow why)
{
	return &slows[why];
}
