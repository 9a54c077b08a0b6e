# SPDX-License-Identifier: GPL-2.0-only
# results.jq: results.json of the lines that the benchmarks print. Run it with -s --argjson machine OBJECT.
# A ratio is that of each round, in which all its figures were taken one after the other; then the median.

def median: sort | length as $n |
	if $n % 2 == 1 then .[($n - 1) / 2] else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;

def digits($n): . * pow(10; $n) | round | . / pow(10; $n);

# what the goals are about: of the best of $over to the best of $under
def ratio($name; $goal; $bench; $case; $metric; $over; $under):
	{name: $name, goal: $goal, bench: $bench, case: $case, under_case: $case, metric: $metric, over: $over, under: $under};

def definitions:
	"64 B, one core" as $one |
	ratio("xdp64_vs_bare"; ">= 0.97"; "rate"; $one; "rate"; ["kvs-xdp"]; ["bare"]),
	ratio("xdp64_vs_bridge"; ">= 3.5"; "rate"; $one; "rate"; ["kvs-xdp"]; ["bridge"]),
	ratio("tc64_vs_bridge"; ">= 1.25"; "rate"; $one; "rate"; ["kvs-tc"]; ["bridge"]),
	(ratio("xdp64_2core_vs_ovs_dpdk"; ">= 1.0"; "dpdk"; "64 B, veth, two cores"; "rate"; ["kvs-xdp"]; ["ovs-dpdk-vhost"]) |
		.under_case = "64 B, VMs, two cores"),
	ratio("switch_ns_vs_ovs_dpdk"; "<= 0.7"; "dpdk"; "64 B, switching alone"; "time per frame"; ["kvs-xdp"]; ["ovs-dpdk-vhost"]),
	ratio("veth64_vs_ovs_dpdk"; ">= 3"; "dpdk"; "64 B, veth, two cores"; "rate"; ["kvs-xdp"];
		["ovs-dpdk-afxdp", "ovs-dpdk-afpacket", "ovs-user-afxdp", "ovs-user"]),
	ratio("tcp_stream_vs_bridge"; ">= 1.0"; "tcp"; "TCP_STREAM"; "rate"; ["kvs-auto"]; ["bridge"]),
	ratio("tcp_rr_p99_vs_bridge"; "<= 0.85"; "tcp"; "TCP_RR, one core"; "p99"; ["kvs-auto"]; ["bridge"]),
	ratio("tcp_rr_p99_wire_vs_bridge"; null; "tcp"; "TCP_RR, one core"; "p99"; ["wire"]; ["bridge"]),
	(ratio("mac64k_vs_1"; ">= 0.8"; "macs"; "64k MACs"; "rate"; ["kvs-xdp"]; ["kvs-xdp"]) | .under_case = "1 MAC"),
	ratio("icount_xdp_vs_bridge"; ">= 5"; "icount"; "64 B"; "switching"; ["bridge"]; ["kvs-xdp"]),
	ratio("icount_xdp_vs_ovs_kernel"; null; "icount"; "64 B"; "switching"; ["ovs-kernel"]; ["kvs-xdp"]),
	ratio("icount_tc_vs_bridge"; ">= 1.3"; "icount"; "64 B"; "switching"; ["bridge"]; ["kvs-tc"]),
	ratio("vhost64_vs_bridge"; ">= 1.7"; "vhost"; "64 B"; "rate"; ["kvs-xdp"]; ["bridge"]),
	ratio("vhost64_vs_ovs_kernel"; ">= 1.9"; "vhost"; "64 B"; "rate"; ["kvs-xdp"]; ["ovs-kernel"]),
	ratio("auto_stream_vs_best"; ">= 0.9"; "auto"; "stream"; "rate"; ["kvs-auto"]; ["kvs-tc", "kvs-xdp"]),
	ratio("auto64_vs_best"; ">= 0.9"; "auto"; "64 B after a stream"; "rate"; ["kvs-auto"]; ["kvs-tc", "kvs-xdp"]),
	(ratio("auto_stream_again_vs_best"; ">= 0.9"; "auto"; "stream after 64 B"; "rate"; ["kvs-auto"]; ["kvs-tc", "kvs-xdp"]) | .under_case = "stream"),
	ratio("guard_vs_none"; ">= 0.93"; "guard"; "64 B, alone"; "rate"; ["kvs-guard"]; ["kvs-xdp"]),
	(ratio("under_spoof"; ">= 0.95"; "guard"; "64 B, beside spoofed frames"; "rate"; ["kvs-guard"]; ["kvs-guard"]) |
		.under_case = "64 B, beside allowed frames"),
	(ratio("under_macflood"; ">= 0.95"; "guard"; "64 B, beside frames from 64k MACs"; "rate"; ["kvs-guard"]; ["kvs-guard"]) |
		.under_case = "64 B, beside allowed frames"),
	ratio("memory_vs_ovs_dpdk"; ">= 50"; "memory"; "16 ports, 4k MACs"; "memory"; ["ovs-dpdk"]; ["kvs"]);

# of one round, null where it was not measured
def best($bench; $case; $metric; $systems; $round):
	[.[] | select(.bench == $bench and .case == $case and .metric == $metric and .round == $round
		and (.system as $s | $systems | index($s))) | .value] | max;

def holds($goal): if $goal == null then null
	else ($goal | split(" ")) as [$sign, $bound] | if $sign == ">=" then . >= ($bound | tonumber) else . <= ($bound | tonumber) end end;

def per_round($d): . as $all |
	[[.[] | select(.bench == $d.bench) | .round] | unique[] as $round | $all |
		best($d.bench; $d.case; $d.metric; $d.over; $round) as $a |
		best($d.bench; $d.under_case; $d.metric; $d.under; $round) as $b |
		select($a != null and $b != null and $b != 0) | $a / $b];

def ratios: . as $all | [definitions | . as $d | ($all | per_round($d)) as $r |
	if $r == [] then {name, goal, median: null, min: null, max: null, holds: null}
	else {name, goal, median: ($r | median | digits(3)), min: ($r | min | digits(3)), max: ($r | max | digits(3))} |
		.holds = (.goal as $g | .median | holds($g)) end];

def results: group_by([.bench, .system, .case, .metric]) | map(sort_by(.round) | map(.value) as $v |
	(.[0] | {bench, system, case, metric, unit}) +
	{median: ($v | median), min: ($v | min), max: ($v | max), rounds: $v});

ratios as $ratios | {
	machine: $machine,
	results: results,
	ratios: ($ratios | map({key: .name, value: .median}) | from_entries),
	spread: ($ratios | map({key: .name, value: {min, max, goal, holds}}) | from_entries)
}
